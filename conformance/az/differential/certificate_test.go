package differential

// The last rows run as the application.
var certificatesRows = []string{
	"group create -n dcert{} -l eastus -o none",
	"SCOPE := group show -n dcert{} --query id -o tsv",
	"TENANT := account show --query tenantId -o tsv",
	"FILE := ad sp create-for-rbac --name dcert{} --create-cert --role reader --scopes $SCOPE --only-show-errors --query fileWithCertAndPrivateKey -o tsv",
	"APP := ad sp list --display-name dcert{} --query [0].appId -o tsv",
	"ad app credential list --id $APP --cert --query [].[type,usage,key,displayName]",
	"ad app credential list --id $APP --query length(@)",
	"FILE2 := ad app credential reset --id $APP --create-cert --append --display-name second --years 2 --query fileWithCertAndPrivateKey -o tsv",
	"ad app credential list --id $APP --cert --query [].displayName -o tsv",
	"KEY := ad app credential list --id $APP --cert --query \"[?displayName=='second'].keyId\" -o tsv",
	"+ cp $FILE $TMP/first.pem; cp $FILE2 $TMP/second.pem; rm -f $FILE $FILE2; openssl x509 -in $TMP/first.pem -out $TMP/public.pem",
	"ad sp credential reset --id $APP --cert @$TMP/public.pem --append --query password",
	"ad sp credential list --id $APP --cert --query [].usage",
	"ad app credential delete --id $APP --cert --key-id 11111111-1111-1111-1111-111111111111",
	"login --service-principal -u $APP --certificate $TMP/second.pem --tenant $TENANT --query [].user.type",
	"group show -n dcert{} --query name",
	"login --service-principal -u $APP --certificate $TMP/none.pem --tenant $TENANT",
	"login --service-principal -u $APP --certificate $TMP/first.pem",
	"login --use-cert-sn-issuer",
	"login --identity -p x",
	"login --identity -u x",
	"login --service-principal -u $APP --certificate $TMP/first.pem --tenant $TENANT --use-cert-sn-issuer --query [].isDefault",
	"ad app credential delete --id $APP --cert --key-id $KEY",
	"login --service-principal -u $APP --certificate $TMP/second.pem --tenant $TENANT",
}
