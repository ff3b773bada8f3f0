package lab

// Simulated is the wrapper's own.
type Simulated string
