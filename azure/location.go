package azure

import "strings"

// Location is a region name in normal form: lower case, no blanks ("eastus").
type Location string

// DefaultLocation is used where Azure would use the group's or none is known.
const DefaultLocation Location = "eastus"

// Region is one entry of the list of locations.
type Region struct {
	Name        Location
	DisplayName string
}

// Regions are the locations the cloud knows. They are names only: everything
// runs on the machines of the cloud.
var Regions = []Region{
	{"eastus", "East US"}, {"eastus2", "East US 2"}, {"westus", "West US"}, {"westus2", "West US 2"}, {"westus3", "West US 3"},
	{"centralus", "Central US"}, {"northcentralus", "North Central US"}, {"southcentralus", "South Central US"}, {"westcentralus", "West Central US"},
	{"canadacentral", "Canada Central"}, {"canadaeast", "Canada East"}, {"brazilsouth", "Brazil South"},
	{"northeurope", "North Europe"}, {"westeurope", "West Europe"}, {"uksouth", "UK South"}, {"ukwest", "UK West"},
	{"francecentral", "France Central"}, {"germanywestcentral", "Germany West Central"}, {"swedencentral", "Sweden Central"},
	{"switzerlandnorth", "Switzerland North"}, {"norwayeast", "Norway East"}, {"polandcentral", "Poland Central"}, {"italynorth", "Italy North"},
	{"spaincentral", "Spain Central"}, {"eastasia", "East Asia"}, {"southeastasia", "Southeast Asia"}, {"japaneast", "Japan East"},
	{"japanwest", "Japan West"}, {"koreacentral", "Korea Central"}, {"koreasouth", "Korea South"}, {"australiaeast", "Australia East"},
	{"australiasoutheast", "Australia Southeast"}, {"centralindia", "Central India"}, {"southindia", "South India"}, {"westindia", "West India"},
	{"uaenorth", "UAE North"}, {"southafricanorth", "South Africa North"}, {"qatarcentral", "Qatar Central"}, {"israelcentral", "Israel Central"},
	{"mexicocentral", "Mexico Central"},
}

// ParseLocation folds a display or normal name ("East US", "eastus") and
// reports whether the cloud knows it.
func ParseLocation(s string) (Location, bool) {
	l := Location(strings.ToLower(strings.ReplaceAll(s, " ", "")))
	for _, r := range Regions {
		if r.Name == l {
			return l, true
		}
	}
	return l, false
}
