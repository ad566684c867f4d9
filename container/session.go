package container

type sessions struct{}
