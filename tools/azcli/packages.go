package azcli

// version is the Azure CLI this package installs.
const version = "2.74.0"

// unpacked are the packages of Debian 13 that make the CLI, all of them pure Python.
var unpacked = []string{
	"azure-cli", "python3-azure", "python3-azure-cli", "python3-azure-cli-core", "python3-azure-cli-telemetry",
	"python3-msal", "python3-msal-extensions", "python3-knack", "python3-msrest", "python3-msrestazure",
	"python3-azure-datalake-store", "python3-azure-multiapi-storage", "python3-argcomplete", "python3-portalocker",
	"python3-pkginfo", "python3-packaging",
}

// libraries are the packages of Debian 12 those need beside them: what Debian 12's own azure-cli depends on, without the
// CLI and the parts Debian 13 replaces.
var libraries = []string{
	"python3", "python3-adal", "python3-aiohttp", "python3-antlr4", "python3-applicationinsights", "python3-avro",
	"python3-certifi", "python3-cffi", "python3-chardet", "python3-colorama", "python3-cryptography", "python3-dateutil",
	"python3-decorator", "python3-deprecated", "python3-distro", "python3-distutils", "python3-fabric", "python3-github",
	"python3-humanfriendly", "python3-isodate", "python3-javaproperties", "python3-jinja2", "python3-jmespath",
	"python3-jsondiff", "python3-jsonschema", "python3-jwt", "python3-nacl", "python3-openssl", "python3-paramiko",
	"python3-pkg-resources", "python3-psutil", "python3-pygments", "python3-pymysql", "python3-requests",
	"python3-requests-oauthlib", "python3-scp", "python3-semver", "python3-six", "python3-sshtunnel", "python3-tabulate",
	"python3-tqdm", "python3-typing-extensions", "python3-urllib3", "python3-websocket", "python3-xmltodict", "python3-yaml",
}

// compiled are the folders below site-packages that are byte-compiled beforehand: what the commands of a container cloud
// import. The rest compiles itself when it is first used.
var compiled = []string{
	"azure/cli/core", "azure/cli/telemetry", "azure/core", "azure/mgmt/core", "azure/common",
	"azure/cli/command_modules/acr", "azure/cli/command_modules/container", "azure/cli/command_modules/keyvault",
	"azure/cli/command_modules/profile", "azure/cli/command_modules/resource", "azure/cli/command_modules/role",
	"azure/cli/command_modules/cloud", "azure/cli/command_modules/configure",
	"azure/mgmt/resource/resources/v2024_11_01", "azure/mgmt/resource/subscriptions",
	"azure/mgmt/containerregistry", "azure/mgmt/containerinstance", "azure/mgmt/keyvault/v2023_02_01",
	"azure/mgmt/authorization/v2022_04_01", "azure/mgmt/authorization/v2022_05_01_preview",
	"azure/keyvault/secrets", "msal", "msal_extensions", "knack", "msrest", "msrestazure", "argcomplete", "portalocker", "packaging",
}
