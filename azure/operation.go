package azure

import "time"

// Status is the state of a long-running operation as the Azure-AsyncOperation
// URL tells it.
type Status string

// The states. The last three end an operation.
const (
	InProgress Status = "InProgress"
	Succeeded  Status = "Succeeded"
	Failed     Status = "Failed"
	Canceled   Status = "Canceled"
)

// Done reports that the operation has ended.
func (s Status) Done() bool { return s == Succeeded || s == Failed || s == Canceled }

// Operation is the answer of an Azure-AsyncOperation URL. Source: ARM
// "Track asynchronous operations".
type Operation struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Status     Status       `json:"status"`
	StartTime  time.Time    `json:"startTime"`
	EndTime    *time.Time   `json:"endTime,omitempty"`
	ResourceID string       `json:"resourceId,omitempty"`
	Error      *ErrorDetail `json:"error,omitempty"`
	Properties any          `json:"properties,omitempty"`
}

// PollMilliseconds is the pace clients are asked to poll at, in the header
// retry-after-ms. Azure: "Retry-After: 0" makes azure-core wait 30 s instead.
const PollMilliseconds = 100
