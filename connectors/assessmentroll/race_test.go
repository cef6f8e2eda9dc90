//go:build race

package assessmentroll

// raceDetector tells that tests run many times slower and larger.
const raceDetector = true
