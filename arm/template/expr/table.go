package expr

// functions is every function of the language under its name in lower case, with its arity. Those without eval are the
// host's, and so are all others whose names begin with list.
var functions = map[string]*function{
	// strings
	"base64": {1, 1, base64Text, false, Pure}, "base64tojson": {1, 1, base64ToJSON, false, Pure},
	"base64tostring": {1, 1, base64ToString, false, Pure}, "concat": {0, -1, concat, false, Pure},
	"contains": {2, 2, contains, false, Pure}, "datauri": {1, 1, dataURI, false, Pure},
	"datauritostring": {1, 1, dataURIToString, false, Pure}, "empty": {1, 1, empty, false, Pure},
	"endswith": {2, 2, endsWith, false, Pure}, "first": {1, 1, first, false, Pure},
	"format": {1, -1, format, false, Pure}, "guid": {1, -1, guid, false, Pure},
	"indexof": {2, 2, indexOf, false, Pure}, "join": {2, 2, join, false, Pure},
	"json": {1, 1, jsonValue, false, Pure}, "last": {1, 1, last, false, Pure},
	"lastindexof": {2, 2, lastIndexOf, false, Pure}, "length": {1, 1, length, false, Pure},
	"like":    {2, 2, like, false, Pure},
	"padleft": {2, 3, padLeft, false, Pure}, "replace": {3, 3, replace, false, Pure},
	"skip": {2, 2, skip, false, Pure}, "split": {2, 2, split, false, Pure},
	"startswith": {2, 2, startsWith, false, Pure}, "string": {1, 1, text, false, Pure},
	"substring": {1, 3, substring, false, Pure}, "take": {2, 2, take, false, Pure},
	"tolower": {1, 1, toLower, false, Pure}, "toupper": {1, 1, toUpper, false, Pure},
	"trim": {1, 1, trim, false, Pure}, "uniquestring": {1, -1, uniqueString, false, Pure},
	"uri": {2, 2, uri, false, Pure}, "uricomponent": {1, 1, uriComponent, false, Pure},
	"uricomponenttostring": {1, 1, uriComponentToString, false, Pure},
	"builduri":             {1, 1, buildURI, false, Pure}, "parseuri": {1, 1, parseURI, false, Pure},
	// arrays
	"array": {1, 1, array, false, Pure}, "createarray": {0, -1, createArray, false, Pure},
	"distinct": {1, 1, distinct, false, Pure}, "flatten": {1, 1, flatten, false, Pure},
	"indexfromend": {2, 2, indexFromEnd, false, Pure}, "tryindexfromend": {2, 2, tryIndexFromEnd, false, Pure},
	"intersection": {2, -1, intersection, false, Pure}, "max": {1, -1, maximum, false, Pure},
	"min": {1, -1, minimum, false, Pure}, "range": {2, 2, rangeOf, false, Pure},
	"tryget": {2, -1, tryGet, false, Pure}, "union": {2, -1, union, false, Pure},
	// addresses
	"cidrhost": {2, 2, cidrHost, false, Pure}, "cidrsubnet": {3, 3, cidrSubnet, false, Pure},
	"parsecidr": {1, 1, parseCIDR, false, Pure},
	// comparison
	"coalesce": {1, -1, coalesce, true, Pure}, "equals": {2, 2, equals, false, Pure},
	"greater": {2, 2, greater, false, Pure}, "greaterorequals": {2, 2, greaterOrEquals, false, Pure},
	"less": {2, 2, less, false, Pure}, "lessorequals": {2, 2, lessOrEquals, false, Pure},
	// dates
	"datetimeadd": {2, 3, dateTimeAdd, false, Pure}, "datetimefromepoch": {1, 1, dateTimeFromEpoch, false, Pure},
	"datetimetoepoch": {1, 1, dateTimeToEpoch, false, Pure},
	// lambdas
	"filter": {2, 2, filter, true, Pure}, "groupby": {2, 2, groupBy, true, Pure},
	"lambda": {1, -1, strayLambda, true, Pure}, "lambdavariables": {1, 1, lambdaVariables, false, Pure},
	"map": {2, 2, mapArray, true, Pure}, "mapvalues": {2, 2, mapValues, true, Pure},
	"reduce": {3, 3, reduce, true, Pure}, "sort": {2, 2, sortArray, true, Pure},
	"toobject": {2, 3, toObject, true, Pure},
	// logic
	"and": {2, -1, and, true, Pure}, "bool": {1, 1, boolean, false, Pure}, "false": {0, 0, no, false, Pure},
	"if": {3, 3, ifElse, true, Pure}, "not": {1, 1, not, false, Pure}, "or": {2, -1, or, true, Pure},
	"true": {0, 0, yes, false, Pure},
	// numbers
	"add": {2, 2, add, false, Pure}, "div": {2, 2, div, false, Pure}, "float": {1, 1, float, false, Pure},
	"int": {1, 1, integer, false, Pure}, "mod": {2, 2, mod, false, Pure}, "mul": {2, 2, mul, false, Pure},
	"sub": {2, 2, sub, false, Pure},
	// objects
	"createobject": {0, -1, createObject, false, Pure}, "items": {1, 1, items, false, Pure},
	"null": {0, 0, null, false, Pure}, "objectkeys": {1, 1, objectKeys, false, Pure},
	"shallowmerge": {1, 1, shallowMerge, false, Pure},
	// flow
	"fail": {1, 1, fail, false, Pure},
	// zones
	"pickzones": {3, 5, pickZones, false, Pure}, "tologicalzone": {3, 3, mapZone, false, Pure},
	"tologicalzones": {3, 3, mapZones, false, Pure}, "tophysicalzone": {3, 3, mapZone, false, Pure},
	"tophysicalzones": {3, 3, mapZones, false, Pure},
	// resource ids that follow from their arguments
	"extensionresourceid": {3, -1, extensionResourceID, false, Pure},
	"tenantresourceid":    {2, -1, tenantResourceID, false, Pure},
	// the deployment
	"copyindex": {0, 2, nil, false, Context}, "deployer": {0, 0, nil, false, Context},
	"deployment": {0, 0, nil, false, Context}, "environment": {0, 0, nil, false, Context},
	"externalinputs": {1, 1, nil, false, Input}, "managementgroup": {0, 0, nil, false, Context},
	"managementgroupresourceid": {2, -1, nil, false, Context}, "parameters": {1, 1, nil, false, Context},
	"providers":     {1, 2, nil, false, Context},
	"resourcegroup": {0, 0, nil, false, Context}, "resourceid": {2, -1, nil, false, Context},
	"resourceinfo": {1, 1, nil, false, Context}, "subscription": {0, 0, nil, false, Context},
	"subscriptionresourceid": {2, -1, nil, false, Context}, "tenant": {0, 0, nil, false, Context},
	"variables": {1, 1, nil, false, Context},
	// the resources
	"reference": {1, 3, nil, false, Runtime}, "references": {1, 2, nil, false, Runtime},
	"target": {0, 1, nil, false, Runtime},
	// fresh values
	"newguid": {0, 0, nil, false, Fresh}, "utcnow": {0, 1, nil, false, Fresh},
}
