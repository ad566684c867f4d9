package expr

// This cloud has no availability zones. What Azure answers where there are none is answered: an empty list; the mapping of a
// zone that cannot exist is an error.

// pickZones is pickZones(namespace, type, location, [number], [offset]).
func pickZones(c *call) (any, error) {
	for i := range 3 {
		if _, err := c.text(i); err != nil {
			return nil, err
		}
	}
	for i, least := range map[int]int64{3: 1, 4: 0} {
		if i >= len(c.args) {
			continue
		}
		n, err := c.integer(i)
		if err != nil {
			return nil, err
		}
		if n < least || n > 3 {
			return nil, c.fault("expects parameter %d to be an integer from %d to 3. The provided value is '%d'.", i+1, least, n)
		}
	}
	return []any{}, nil
}

// mapZone is toLogicalZone(subscription, location, zone) and toPhysicalZone.
func mapZone(c *call) (any, error) {
	zone, err := c.text(2)
	if err != nil {
		return nil, err
	}
	return nil, c.noZone(zone)
}

// mapZones is toLogicalZones(subscription, location, zones) and toPhysicalZones.
func mapZones(c *call) (any, error) {
	zones, err := c.list(2)
	if err != nil {
		return nil, err
	}
	if len(zones) > 0 {
		return nil, c.noZone(Stringify(zones[0]))
	}
	return []any{}, nil
}

func (c *call) noZone(zone string) error {
	subscription, location, err := c.texts(0, 1)
	if err != nil {
		return err
	}
	return c.fault("found no zone '%s' in the location '%s' of the subscription '%s': this cloud has no availability zones.", clip(zone), clip(location), clip(subscription))
}
