package connectors

// Path is a file or folder named in settings. A relative one is taken from the
// folder of the configuration file; configs makes it absolute while decoding.
type Path string
