package smtp

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain holds all conversations together to leaving no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
