package limit

// Limits bound container groups. Zero fields have the values in their comments,
// which are those of Azure Container Instances where it has one; a negative one is
// no limit.
type Limits struct {
	// Containers of a group, init containers among them. Zero: 60.
	Containers int `json:"containers"`
	// Volumes of a group. Zero: 20.
	Volumes int `json:"volumes"`
	// Ports of a group's address. Zero: 5.
	Ports int `json:"ports"`
	// CPU is how many cores the containers of a group may request together. Zero: 31.
	CPU float64 `json:"cpu"`
	// MemoryInGB is how much memory they may request together, in units of 2^30
	// bytes. Zero: 240.
	MemoryInGB float64 `json:"memoryInGB"`
	// ContainerCPU bounds the requests and limits of one container. Zero: CPU.
	ContainerCPU float64 `json:"containerCpu"`
	// ContainerMemoryInGB does the same for memory. Zero: MemoryInGB.
	ContainerMemoryInGB float64 `json:"containerMemoryInGB"`
	// Groups of a subscription in a region. Zero: 100.
	Groups int `json:"groups"`
	// Cores that the groups of a subscription may request together in a region.
	// Zero: as many as Groups, at least what one group may have.
	Cores float64 `json:"cores"`
	// CloneMB bounds what a gitRepo volume holds, its history included, in units of
	// 2^20 bytes. Zero: 1024.
	CloneMB int `json:"cloneMB"`
}

// unlimited stands for a negative limit, and can still be added to.
const unlimited = 1 << 30

// Filled is l with its zero fields filled in and its negative ones made huge. To
// fill it again changes nothing.
func (l Limits) Filled() Limits {
	for _, f := range []struct {
		field *int
		zero  int
	}{{&l.Containers, 60}, {&l.Volumes, 20}, {&l.Ports, 5}, {&l.Groups, 100}, {&l.CloneMB, 1024}} {
		settle(f.field, f.zero)
	}
	settle(&l.CPU, 31)
	settle(&l.MemoryInGB, 240)
	settle(&l.ContainerCPU, l.CPU)
	settle(&l.ContainerMemoryInGB, l.MemoryInGB)
	settle(&l.Cores, max(float64(l.Groups), l.CPU))
	return l
}

func settle[N int | float64](field *N, zero N) {
	switch {
	case *field == 0:
		*field = zero
	case *field < 0:
		*field = unlimited
	}
}
