package expr_test

import (
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/arm/template/expr"
)

// noHost is a deployment nothing is known of.
type noHost struct{}

func (noHost) Call(_ *expr.Frame, _, name string, args []any) (any, error) {
	switch strings.ToLower(name) {
	case "parameters": // parameters('x') is the JSON text x, to write values in the tables
		return expr.FromJSON([]byte(args[0].(string)))
	case "reference":
		return expr.Unknown{}, nil
	}
	return nil, expr.Errorf("no host for %s", name)
}

func evaluate(src string) (string, error) {
	n, err := expr.Parse(src)
	if err != nil {
		return "", err
	}
	f := &expr.Frame{Host: noHost{}, Budget: &expr.Budget{Left: 1_000_000}}
	v, err := f.Eval(n)
	if err != nil {
		return "", err
	}
	return string(expr.AppendJSON(nil, v)), nil
}

// TestFunctions runs the golden tables: each row is an expression and the JSON of its value, or a part of the error after "!".
func TestFunctions(t *testing.T) {
	for name, rows := range tables() {
		t.Run(name, func(t *testing.T) {
			for _, row := range rows {
				got, err := evaluate(row[0])
				want, fails := strings.CutPrefix(row[1], "!")
				switch {
				case fails && err == nil:
					t.Errorf("%s = %s, want an error with %q", row[0], got, want)
				case fails && !strings.Contains(err.Error(), want):
					t.Errorf("%s fails with %q, want %q in it", row[0], err, want)
				case !fails && err != nil:
					t.Errorf("%s fails: %v", row[0], err)
				case !fails && got != want:
					t.Errorf("%s = %s, want %s", row[0], got, want)
				}
			}
		})
	}
}

func tables() map[string][][2]string {
	return map[string][][2]string{
		"strings": stringRows(), "format": formatRows(), "arrays and objects": arrayRows(), "logic and numbers": logicRows(),
		"dates and addresses": dateRows(), "lambdas": lambdaRows(), "hashes": hashRows(), "resource ids": resourceIDRows(),
		"zones": zoneRows(), "arity": arityRows(), "unknown values": unknownRows(),
	}
}

// TestEveryFunctionHasRows wants, for each function that follows from its arguments, a row in which it gives a value and one
// in which it fails. The others are held to that in the template package.
func TestEveryFunctionHasRows(t *testing.T) {
	works, fails := map[string]bool{}, map[string]bool{}
	for _, rows := range tables() {
		for _, row := range rows {
			n, err := expr.Parse(row[0])
			if err != nil {
				t.Fatalf("%s: %v", row[0], err)
			}
			if strings.HasPrefix(row[1], "!") {
				if call, ok := n.(*expr.Call); ok {
					fails[strings.ToLower(call.Name)] = true
				}
				continue
			}
			expr.Walk(n, func(n expr.Node) {
				if call, ok := n.(*expr.Call); ok {
					works[strings.ToLower(call.Name)] = true
				}
			})
		}
	}
	for _, name := range expr.Functions() {
		if class, _ := expr.ClassOf(name); class == expr.Pure && !(works[name] && fails[name]) {
			t.Errorf("%s: a row that works %v, one that fails %v", name, works[name], fails[name])
		}
	}
}

func stringRows() [][2]string {
	return [][2]string{
		{`base64('one, two')`, `"b25lLCB0d28="`},
		{`base64ToString('b25lLCB0d28=')`, `"one, two"`},
		{`base64ToJson('eyJvbmUiOiAiYSIsICJ0d28iOiAiYiJ9')`, `{"one":"a","two":"b"}`},
		{`base64ToString('%%')`, `!base64ToString' expects a base64 string`},
		{`base64(1)`, `!expects its parameter to be a string. The provided value is of type 'Integer'`},
		{`concat()`, `""`},
		{`concat('a', 1, true(), '-')`, `"a1True-"`},
		{`concat(createArray(1), createArray('b', 'c'))`, `[1,"b","c"]`},
		{`concat(createArray(1), 'b')`, `!expects parameter 2 to be an array`},
		{`concat('a', createObject())`, `!parameter 2 to be a string, number or boolean`},
		{`CONCAT('It''s', ' ', 'é')`, `"It's é"`},
		{`contains('OneTwo', 'Two')`, `true`},
		{`contains('OneTwo', 'two')`, `false`},
		{`contains(createArray('one', 'Two'), 'two')`, `false`},
		{`contains(createArray('1'), 1)`, `false`},
		{`contains(createObject('One', 1), 'one')`, `true`},
		{`contains(1, 1)`, `!an array, object, or string`},
		{`dataUri('Hello')`, `"data:text/plain;charset=utf8;base64,SGVsbG8="`},
		{`dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')`, `"Hello, World!"`},
		{`dataUriToString('data:text/plain,a%20b')`, `"a b"`},
		{`dataUriToString('Hello')`, `!expects a data URI`},
		{`empty('')`, `true`}, {`empty(createArray())`, `true`}, {`empty(createObject())`, `true`}, {`empty(null())`, `true`}, {`empty('x')`, `false`}, {`empty(0)`, `!empty`},
		{`endsWith('abcdef', 'EF')`, `true`}, {`endsWith('abcdef', 'e')`, `false`},
		{`startsWith('abcdef', 'AB')`, `true`}, {`startsWith('abcdef', 'e')`, `false`}, {`startsWith(1, 'e')`, `!startsWith`},
		{`first('One')`, `"O"`}, {`first('')`, `""`}, {`first(createArray())`, `null`}, {`first(createArray(1, 2))`, `1`}, {`first(1)`, `!array or string`},
		{`last('One')`, `"e"`}, {`last('')`, `""`}, {`last(createArray(1, 2))`, `2`}, {`last(createArray())`, `null`},
		{`like('OneTwoThree', '*two*')`, `true`}, {`like('OneTwoThree', 'Two*')`, `false`}, {`like('OneTwoThree', 'onetwothree')`, `true`}, {`like('', '*')`, `true`}, {`like('aXbXb', 'a*b')`, `true`},
		{`like('abcb', '*b*b')`, `true`}, {`like('ab', 'ab*b')`, `false`}, {`like('a', 'a*a')`, `false`}, {`like('a?c', 'a?c')`, `true`}, {`like('abc', 'a?c')`, `false`}, {`like('a', 1)`, `!parameter 2 to be a string`},
		{`indexOf('test', 'T')`, `0`}, {`indexOf('abcdef', 'CD')`, `2`}, {`indexOf('abcdef', 'z')`, `-1`}, {`lastIndexOf('test', 'T')`, `3`}, {`lastIndexOf('abcdef', 'AB')`, `0`},
		{`indexOf(createArray('a', 'b', 'b'), 'b')`, `1`}, {`lastIndexOf(createArray('a', 'b', 'b'), 'b')`, `2`}, {`indexOf(createArray('a'), 'A')`, `-1`},
		{`join(createArray('one', 'two', 3), ', ')`, `"one, two, 3"`}, {`join('x', ',')`, `!an array`},
		{`json('{"a": [1, 2.5, null, true]}')`, `{"a":[1,2.5,null,true]}`}, {`json('null')`, `null`}, {`json('1.0')`, `1.0`}, {`json('{')`, `!cannot be parsed as JSON`},
		{`length('One Two Three')`, `13`}, {`length(createArray(1, 2))`, `2`}, {`length(createObject('a', 1))`, `1`}, {`length('é😀')`, `3`}, {`length(1)`, `!length`},
		{`length('a', 'b')`, `!function requires 1 argument(s) while 2 were provided`},
		{`padLeft('123', 10, '0')`, `"0000000123"`}, {`padLeft(7, 3)`, `"  7"`}, {`padLeft('1234', 2, '0')`, `"1234"`}, {`padLeft('a', 5, 'xy')`, `!one character`}, {`padLeft('a', 99999999)`, `!length from 0`},
		{`replace('123-123', '-', '')`, `"123123"`}, {`replace('a', '', 'b')`, `!cannot replace the empty string`},
		{`skip('one two three', 4)`, `"two three"`}, {`skip('one', -1)`, `"one"`}, {`skip('one', 9)`, `""`}, {`skip(createArray(1, 2, 3), 2)`, `[3]`},
		{`take('on', 1)`, `"o"`}, {`take('on', 9)`, `"on"`}, {`take('on', 0)`, `""`}, {`take(createArray(1, 2, 3), 2)`, `[1,2]`}, {`take(1, 1)`, `!take`},
		{`split('one,two,three', ',')`, `["one","two","three"]`}, {`split('one;two,three', createArray(',', ';'))`, `["one","two","three"]`}, {`split('', ',')`, `[""]`}, {`split('a', 1)`, `!string or an array of strings`},
		{`string(createObject('b', createArray(1, 'x"y'), 'a', true()))`, `"{\"b\":[1,\"x\\\"y\"],\"a\":true}"`}, {`string(true())`, `"True"`}, {`string(5)`, `"5"`}, {`string('s')`, `"s"`}, {`string(json('1.5'))`, `"1.5"`},
		{`substring('one two three', 4, 3)`, `"two"`}, {`substring('abc', 3)`, `""`}, {`substring('abc', 1)`, `"bc"`}, {`substring('abc', 4)`, `!start index`}, {`substring('abc', 1, 3)`, `!refer to a location within the string`}, {`substring('abc', -1)`, `!start index`},
		{`toLower('OnE')`, `"one"`}, {`toUpper('OnE')`, `"ONE"`}, {`trim('  one two ')`, `"one two"`}, {`toLower(1)`, `!toLower`},
		{`uri('http://contoso.org/firstpath', 'myscript.sh')`, `"http://contoso.org/myscript.sh"`}, {`uri('http://contoso.org/firstpath/', 'myscript.sh')`, `"http://contoso.org/firstpath/myscript.sh"`},
		{`uri('http://contoso.org/firstpath/azuredeploy.json', 'myscript.sh')`, `"http://contoso.org/firstpath/myscript.sh"`}, {`uri('nothing', 'a')`, `!absolute URI`},
		{`uriComponent('http://contoso.com/resources/nested/a b.json')`, `"http%3A%2F%2Fcontoso.com%2Fresources%2Fnested%2Fa%20b.json"`},
		{`uriComponentToString('http%3A%2F%2Fcontoso.com%2Fa%20b')`, `"http://contoso.com/a b"`},
		{`parseUri('https://a.b:8080/c/d?e=f')`, `{"scheme":"https","host":"a.b","port":8080,"path":"/c/d","query":"?e=f"}`}, {`parseUri('x')`, `!absolute`},
		{`buildUri(createObject('scheme', 'https', 'host', 'a.b', 'path', 'c', 'query', 'e=f'))`, `"https://a.b/c?e=f"`}, {`buildUri(createObject('host', 'x'))`, `!scheme`},
	}
}

func formatRows() [][2]string {
	return [][2]string{
		{`format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)`, `"Hello, User. Formatted number: 8,175,133"`},
		{`format('{0} {1}', true(), false())`, `"True False"`},
		{`format('{{{0}}}', 'x')`, `"{x}"`},
		{`format('{0}', createObject('a', 'b', 'c', 2))`, `"{'a':'b','c':2}"`},
		{`format('{0}', createArray(true(), 2, 'x'))`, `"[true,2,'x']"`},
		{`format('[{0,5}][{0,-5}]', 'ab')`, `"[   ab][ab   ]"`},
		{`format('{0:D4} {0:X} {0:x4} {0:000} {0:F1} {0:P0} {0:E2}', 42)`, `"0042 2A 002a 042 42.0 4,200 % 4.20E+001"`},
		{`format('{0:N2} {0:#,##0.0#} {0:0.###}', json('1234.5'))`, `"1,234.50 1,234.5 1234.5"`},
		{`format('{0:N0} {0:F1} {0:D5}', -1234567)`, `"-1,234,567 -1234567.0 -1234567"`},
		{`format('{0:N1}', json('0.25'))`, `"0.3"`},
		{`format('{0}|{1}', null(), json('2.0'))`, `"|2"`},
		{`format('{1}', 'a')`, `!only 1 values were provided`},
		{`format('{0', 'a')`, `!never closed`}, {`format('}', 'a')`, `!closing brace`}, {`format('{x}', 'a')`, `!does not begin with a number`}, {`format('{0:Q}', 1)`, `!does not know the format`},
	}
}

func arrayRows() [][2]string {
	return [][2]string{
		{`array(1)`, `[1]`}, {`array(createArray(1))`, `[1]`}, {`array(createObject('a', 'b'))`, `[{"a":"b"}]`},
		{`createArray()`, `[]`}, {`createArray('a', 1, null())`, `["a",1,null]`},
		{`distinct(createArray(1, '1', 1, createArray(2), createArray(2), 'a', 'A'))`, `[1,"1",[2],"a","A"]`}, {`distinct('a')`, `!an array`},
		{`flatten(createArray(createArray(1, 2), createArray(), createArray(createArray(3))))`, `[1,2,[3]]`}, {`flatten(createArray(1))`, `!array of arrays`},
		{`indexFromEnd(createArray('a', 'b'), 1)`, `"b"`}, {`indexFromEnd(createArray('a'), 2)`, `!out of bounds`}, {`tryIndexFromEnd(createArray('a'), 2)`, `null`}, {`tryIndexFromEnd(null(), 1)`, `null`},
		{`intersection(createArray('one', 'two', 'three'), createArray('two', 'three'))`, `["two","three"]`},
		{`intersection(createObject('one', 'a', 'two', 'b', 'three', 'c'), createObject('one', 'a', 'two', 'z', 'three', 'c'))`, `{"one":"a","three":"c"}`}, {`intersection(createArray(1), createObject())`, `!an array`},
		{`max(createArray(0, 3, 2, 5, 4))`, `5`}, {`max(0, 3, 2)`, `3`}, {`min(createArray(4, 0, 3))`, `0`}, {`min(4, -2)`, `-2`}, {`max('a')`, `!integers`}, {`max(createArray())`, `!empty`},
		{`range(5, 3)`, `[5,6,7]`}, {`range(0, 0)`, `[]`}, {`range(0, 10001)`, `!from 0 to 10000`}, {`range(2147483647, 2)`, `!lie from`},
		{`union(createArray('one', 'two'), createArray('two', 'three'))`, `["one","two","three"]`},
		{`union(createObject('one', 'a', 'n', createObject('x', 1, 'l', createArray(1))), createObject('ONE', 'b', 'n', createObject('y', 2, 'l', createArray(2))))`, `{"one":"b","n":{"x":1,"l":[2],"y":2}}`}, {`union(1, 2)`, `!an array`},
		{`shallowMerge(createArray(createObject('n', createObject('x', 1)), createObject('n', createObject('y', 2))))`, `{"n":{"y":2}}`}, {`shallowMerge(createArray(1))`, `!array of objects`},
		{`createObject('a', 1, 'b')`, `!even number`}, {`createObject(1, 1)`, `!a string`}, {`createObject()`, `{}`},
		{`items(createObject('b', 1, 'a', 2))`, `[{"key":"a","value":2},{"key":"b","value":1}]`}, {`items(1)`, `!an object`},
		{`objectKeys(createObject('b', 1, 'a', 2))`, `["a","b"]`},
		{`tryGet(createObject('a', createArray(1, createObject('b', 2))), 'A', 1, 'b')`, `2`}, {`tryGet(createObject('a', 1), 'b')`, `null`}, {`tryGet(createArray(1), 4)`, `null`}, {`tryGet(null(), 'a')`, `null`}, {`tryGet(createArray(1), 'a')`, `!an integer`},
		{`parameters('{"a":{"b":[10,20]}}').A.b[1]`, `20`}, {`parameters('{"a":1}')['a']`, `1`},
		{`createObject('a', 1).b`, `!The language expression property 'b' doesn't exist, available properties are 'a'.`}, {`createArray(1)[1]`, `!array index '1' is out of bounds`}, {`createArray(1).x`, `!expected is 'Object'`}, {`null().x`, `!Null`},
	}
}

func logicRows() [][2]string {
	return [][2]string{
		{`and(true(), false())`, `false`}, {`and(true(), true(), true())`, `true`}, {`or(false(), true())`, `true`}, {`not(false())`, `true`}, {`and(true(), 1)`, `!a boolean`}, {`and(true())`, `!at least 2`}, {`and(false(), fail('x'))`, `false`}, {`or(true(), fail('x'))`, `true`}, {`coalesce('a', fail('x'))`, `"a"`},
		{`bool('true')`, `true`}, {`bool('True')`, `true`}, {`bool(0)`, `false`}, {`bool('0')`, `false`}, {`bool('yes')`, `!cannot convert`}, {`bool(createArray())`, `!bool`},
		{`if(true(), 'a', fail('no'))`, `"a"`}, {`if(equals('a', 'A'), 1, 2)`, `2`}, {`if('x', 1, 2)`, `!to be a boolean`}, {`if(true(), 1)`, `!3 argument(s)`},
		{`coalesce(null(), null(), 'a')`, `"a"`}, {`coalesce(null())`, `null`},
		{`equals('a', 'A')`, `false`}, {`equals(1, json('1.0'))`, `true`}, {`equals(createObject('a', createArray(1), 'b', 2), createObject('b', 2, 'a', createArray(1)))`, `true`}, {`equals(1, '1')`, `false`}, {`equals(null(), null())`, `true`}, {`equals(createArray(1), 1)`, `false`},
		{`greater('a', 'b')`, `false`}, {`greater(2, 1)`, `true`}, {`greaterOrEquals(1, 1)`, `true`}, {`less('A', 'a')`, `true`}, {`lessOrEquals(2, 1)`, `false`}, {`less(9007199254740993, 9007199254740992)`, `false`}, {`less(1, 'a')`, `!less`}, {`greater(true(), 1)`, `!greater`},
		{`add(5, 3)`, `8`}, {`sub(7, 3)`, `4`}, {`mul(5, -3)`, `-15`}, {`div(8, 3)`, `2`}, {`div(-7, 2)`, `-3`}, {`mod(7, 3)`, `1`}, {`mod(-7, 3)`, `-1`},
		{`add(9223372036854775807, 1)`, `!64 bits`}, {`mul(9223372036854775807, 2)`, `!64 bits`}, {`sub(-9223372036854775808, 1)`, `!64 bits`}, {`div(1, 0)`, `!divide by zero`}, {`mod(1, 0)`, `!divide by zero`}, {`div(-9223372036854775808, -1)`, `!64 bits`}, {`add('1', 2)`, `!an integer`},
		{`int('42')`, `42`}, {`int(7)`, `7`}, {`int('x')`, `!cannot convert provided value 'x' to integer value`}, {`int(true())`, `!int`}, {`float('3')`, `3.0`}, {`float(2)`, `2.0`}, {`float('x')`, `!cannot convert`},
		{`true()`, `true`}, {`false()`, `false`}, {`null()`, `null`}, {`fail('stop it')`, `!stop it`},
		{`nosuch(1)`, `!The template function 'nosuch' is not valid.`}, {`list('a')`, `!function requires 2 to 3 argument(s)`},
	}
}

func dateRows() [][2]string {
	return [][2]string{
		{`dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')`, `"2023-04-07 14:53:14Z"`}, {`dateTimeAdd('2020-04-07 14:53:14Z', '-P9D')`, `"2020-03-29 14:53:14Z"`}, {`dateTimeAdd('20200407T145314Z', 'PT1H')`, `"20200407T155314Z"`},
		{`dateTimeAdd('2020-04-07T14:53:14Z', 'P1M2W1DT1H1M1S', 'yyyy-MM-ddTHH:mm:ss')`, `"2020-05-22T15:54:15"`}, {`dateTimeAdd('2020-04-07 14:53:14Z', 'PT0S', 'M/d/yyyy h:mm tt')`, `"4/7/2020 2:53 PM"`}, {`dateTimeAdd('2020-04-07 14:53:14Z', 'PT0.5S', 'yyyy-MM-ddTHH:mm:ss.fffZ')`, `"2020-04-07T14:53:14.500Z"`},
		{`dateTimeAdd('2020-04-07', 'P1D')`, `"2020-04-08"`}, {`dateTimeAdd('2020-04-07', 'P', 'd')`, `!ISO 8601`}, {`dateTimeAdd('2020-04-07', '1D')`, `!ISO 8601`}, {`dateTimeAdd('2020-04-07', 'P1D1Y')`, `!ISO 8601`}, {`dateTimeAdd('soon', 'P1D')`, `!expects a date and time`}, {`dateTimeAdd('2020-04-07', 'P9000Y')`, `!leaves the years`},
		{`dateTimeAdd('2020-04-07 14:53:14Z', 'P0D', 'r')`, `"Tue, 07 Apr 2020 14:53:14 GMT"`}, {`dateTimeAdd('2020-04-07 14:53:14Z', 'P0D', 'o')`, `"2020-04-07T14:53:14.0000000Z"`}, {`dateTimeAdd('2020-04-07 14:53:14Z', 'P0D', 'dddd, d MMMM yy ''at'' H')`, `"Tuesday, 7 April 20 at 14"`}, {`dateTimeAdd('2020-04-07', 'P0D', 'q')`, `!does not know the format`},
		{`dateTimeFromEpoch(1683040573)`, `"2023-05-02T15:16:13Z"`}, {`dateTimeFromEpoch('x')`, `!an integer`}, {`dateTimeToEpoch('2023-05-02T15:16:13Z')`, `1683040573`}, {`dateTimeToEpoch('20200407T145314Z')`, `1586271194`},
		{`parseCidr('10.144.0.0/20')`, `{"network":"10.144.0.0","netmask":"255.255.240.0","broadcast":"10.144.15.255","firstUsable":"10.144.0.1","lastUsable":"10.144.15.254","cidr":20}`},
		{`parseCidr('fdad:3236:5555::/48')`, `{"network":"fdad:3236:5555::","netmask":"ffff:ffff:ffff::","firstUsable":"fdad:3236:5555::","lastUsable":"fdad:3236:5555:ffff:ffff:ffff:ffff:ffff","cidr":48}`}, {`parseCidr('10.0.0.0')`, `!CIDR notation`},
		{`cidrSubnet('10.144.0.0/20', 24, 0)`, `"10.144.0.0/24"`}, {`cidrSubnet('10.144.0.0/20', 24, 4)`, `"10.144.4.0/24"`}, {`cidrSubnet('fdad:3236:5555::/48', 52, 3)`, `"fdad:3236:5555:3000::/52"`}, {`cidrSubnet('10.144.0.0/20', 24, 16)`, `!too small`}, {`cidrSubnet('10.144.0.0/20', 19, 0)`, `!prefix length from 20 to 32`},
		{`cidrHost('10.144.3.0/24', 0)`, `"10.144.3.1"`}, {`cidrHost('10.144.3.0/24', 4)`, `"10.144.3.5"`}, {`cidrHost('10.144.3.0/24', 253)`, `"10.144.3.254"`}, {`cidrHost('10.144.3.0/24', 254)`, `!too small`}, {`cidrHost('10.0.0.0/32', 0)`, `"10.0.0.0"`}, {`cidrHost('10.0.0.0/24', -1)`, `!too small`},
	}
}

func lambdaRows() [][2]string {
	dogs := `parameters('[{"name":"Evie","age":5,"i":["Ball"]},{"name":"Casper","age":3,"i":["Other"]},{"name":"Kira","age":8,"i":["Rubs"]}]')`
	return [][2]string{
		{`filter(` + dogs + `, lambda('d', greaterOrEquals(lambdaVariables('d').age, 5)))`, `[{"name":"Evie","age":5,"i":["Ball"]},{"name":"Kira","age":8,"i":["Rubs"]}]`},
		{`filter(range(0, 5), lambda('v', 'i', equals(mod(lambdaVariables('I'), 2), 0)))`, `[0,2,4]`},
		{`map(` + dogs + `, lambda('d', toUpper(lambdaVariables('D').name)))`, `["EVIE","CASPER","KIRA"]`},
		{`map(range(10, 2), lambda('v', 'i', concat(lambdaVariables('i'), ':', lambdaVariables('v'))))`, `["0:10","1:11"]`},
		{`map(range(0, 2), lambda('x', map(range(0, 2), lambda('y', add(mul(lambdaVariables('x'), 10), lambdaVariables('y'))))))`, `[[0,1],[10,11]]`},
		{`mapValues(createObject('a', 1, 'b', 2), lambda('v', mul(lambdaVariables('v'), 2)))`, `{"a":2,"b":4}`},
		{`reduce(` + dogs + `, 0, lambda('cur', 'next', add(lambdaVariables('cur'), lambdaVariables('next').age)))`, `16`},
		{`reduce(range(1, 3), 0, lambda('c', 'n', 'i', add(lambdaVariables('c'), mul(lambdaVariables('n'), lambdaVariables('i')))))`, `8`},
		{`map(sort(` + dogs + `, lambda('a', 'b', less(lambdaVariables('a').age, lambdaVariables('b').age))), lambda('d', lambdaVariables('d').age))`, `[3,5,8]`},
		{`toObject(` + dogs + `, lambda('d', lambdaVariables('d').name), lambda('d', lambdaVariables('d').age))`, `{"Evie":5,"Casper":3,"Kira":8}`},
		{`toObject(createArray('a'), lambda('x', concat('k', lambdaVariables('x'))))`, `{"ka":"a"}`},
		{`groupBy(createArray('foo', 'bar', 'baz'), lambda('x', substring(lambdaVariables('x'), 0, 1)))`, `{"f":["foo"],"b":["bar","baz"]}`},
		{`map('x', lambda('v', 1))`, `!first argument to be an array`}, {`map(createArray(1), 'x')`, `!to be a lambda function`}, {`filter(createArray(1), lambda('v', 1))`, `!to give a boolean`}, {`groupBy(createArray(1), lambda('v', 1))`, `!to give a string`},
		{`map(createArray(1), lambda('v', lambdaVariables('w')))`, `!lambda variable 'w' is not defined`}, {`lambda('x', 1)`, `!not expected at this location`}, {`sort(createArray(1, 2), lambda('v', true()))`, `!2 to 2 variables`},
		{`map(range(0, 10000), lambda('a', map(range(0, 10000), lambda('b', 1))))`, `!too many steps`},
	}
}

func hashRows() [][2]string {
	return [][2]string{
		{`uniqueString('tyeth')`, `"zcztcwvu6iyg6"`}, {`uniqueString('hello', 'world')`, `"a7wkljktk6wne"`}, {`uniqueString('fubar')`, `"cj2xpqsiwjfne"`}, {`uniqueString()`, `!at least 1`}, {`uniqueString(createArray())`, `!uniqueString`},
		{`guid('hello')`, `"` + guidHello + `"`}, {`equals(guid('a', 'b'), guid('a-b'))`, `true`}, {`equals(guid('a'), guid('A'))`, `false`},
	}
}

func TestHash(t *testing.T) {
	if got := expr.Hash([]byte("hello-world")); got != 571013382255652050 {
		t.Errorf("the hash of hello-world is %d, want 571013382255652050", got)
	}
}

// guidHello is the UUID of version 5 of hello in the name space 11fb06fb-712d-4ddd-98c7-e71bbd588830.
const guidHello = "520f8434-fe3a-5d99-888d-450a827486a1"

func zoneRows() [][2]string {
	return [][2]string{
		{`pickZones('Microsoft.Compute', 'virtualMachines', 'eastus')`, `[]`}, {`pickZones('A.B', 'c', 'eastus', 3, 1)`, `[]`},
		{`pickZones('A.B', 'c', 'eastus', 4)`, `!parameter 4 to be an integer from 1 to 3`}, {`pickZones('A.B', 'c', 1)`, `!parameter 3 to be a string`},
		{`toLogicalZones('s', 'eastus', createArray())`, `[]`}, {`toPhysicalZones('s', 'eastus', createArray())`, `[]`},
		{`toLogicalZones('s', 'eastus', createArray('eastus-az1'))`, `!found no zone 'eastus-az1' in the location 'eastus' of the subscription 's': this cloud has no availability zones`},
		{`toPhysicalZones('s', 'eastus', 'x')`, `!parameter 3 to be an array`}, {`toPhysicalZones('s', 'eastus', createArray('1'))`, `!found no zone '1'`},
		{`toLogicalZone('s', 'eastus', 'eastus-az1')`, `!found no zone 'eastus-az1'`}, {`toPhysicalZone('s', 'eastus', '1')`, `!found no zone '1'`}, {`toPhysicalZone(1, 'eastus', '1')`, `!parameter 1 to be a string`},
		{`if(empty(pickZones('A.B', 'c', 'eastus')), null(), toLogicalZone('s', 'eastus', 'x'))`, `null`}, {`if(empty(pickZones('A.B', 'c', 'eastus')), null(), toPhysicalZone('s', 'eastus', 'x'))`, `null`},
	}
}

func arityRows() [][2]string {
	return [][2]string{
		{`true(1)`, `!function requires 0 argument(s) while 1 were provided`}, {`false('x')`, `!function requires 0 argument(s)`}, {`null(1)`, `!function requires 0 argument(s)`},
		{`array()`, `!function requires 1 argument(s) while 0 were provided`}, {`coalesce()`, `!function requires at least 1 argument(s)`}, {`equals(1)`, `!function requires 2 argument(s)`},
		{`string()`, `!function requires 1 argument(s)`}, {`guid()`, `!function requires at least 1 argument(s)`}, {`dateTimeAdd('2020-04-07')`, `!function requires 2 to 3 argument(s) while 1 were provided`},
		{`base64ToJson('e30')`, `!base64ToJson' expects a base64 string`}, {`base64ToJson('ew==')`, `!cannot be parsed as JSON`}, {`dataUri(1)`, `!dataUri' expects its parameter to be a string`},
		{`createArray(fail('inside'))`, `!inside`}, {`dateTimeToEpoch('never')`, `!expects a date and time`}, {`endsWith('a', 1)`, `!parameter 2 to be a string. The provided value is of type 'Integer'`},
		{`extensionResourceId('/s', 'A.B/c/d', 'x')`, `!as many resource names as the type 'A.B/c/d' has segments`}, {`greaterOrEquals('a', 1)`, `!greaterOrEquals`}, {`lessOrEquals(null(), 1)`, `!lessOrEquals`},
		{`guid(createObject())`, `!guid`}, {`indexOf(1, 'a')`, `!a string`}, {`lastIndexOf('a', 1)`, `!a string`}, {`lambdaVariables('x')`, `!The lambda variable 'x' is not defined at this location`},
		{`last(createObject())`, `!an array or string`}, {`mapValues(createArray(), lambda('v', 1))`, `!first argument to be an object`}, {`mapValues(createObject('a', 1), lambda('v', 'w', 1))`, `!1 to 1 variables`},
		{`min(createArray('a'))`, `!an array of integers`}, {`not('a')`, `!a boolean`}, {`or(false(), 'a')`, `!a boolean`}, {`objectKeys(createArray())`, `!an object`},
		{`reduce(createArray(1), 0, lambda('a', 1))`, `!2 to 3 variables`}, {`skip('a', 'b')`, `!an integer`}, {`toObject(createArray(1), lambda('v', lambdaVariables('v')))`, `!to give a string`},
		{`toUpper(null())`, `!a string. The provided value is of type 'Null'`}, {`trim(1)`, `!a string`}, {`tryIndexFromEnd('a', 1)`, `!an array`}, {`uriComponent(1)`, `!a string`}, {`uriComponentToString(1)`, `!a string`},
	}
}

func resourceIDRows() [][2]string {
	return [][2]string{
		{`tenantResourceId('Microsoft.Authorization/roleDefinitions', 'r')`, `"/providers/Microsoft.Authorization/roleDefinitions/r"`},
		{`extensionResourceId('/subscriptions/s', 'Microsoft.Authorization/locks/', 'l')`, `"/subscriptions/s/providers/Microsoft.Authorization/locks/l"`},
		{`tenantResourceId('A.B/c/d', '1')`, `!segments`}, {`tenantResourceId('A.B', '1')`, `!segments`},
	}
}

func unknownRows() [][2]string {
	return [][2]string{
		{`concat('a', reference('x').b[0])`, `"[concat('a', reference('x').b[0])]"`},
		{`if(true(), 'a', reference('x'))`, `"a"`},
		{`if(reference('x').b, 'a', 'b')`, `"[if(reference('x').b, 'a', 'b')]"`},
		{`if(reference('x').b, fail('a'), 'b')`, `"[if(reference('x').b, fail('a'), 'b')]"`},
		{`and(false(), reference('x').b)`, `false`},
		{`or(reference('x').b, fail('a'))`, `"[or(reference('x').b, fail('a'))]"`},
		{`coalesce(reference('x').b, fail('a'))`, `"[coalesce(reference('x').b, fail('a'))]"`},
		{`map(reference('x'), lambda('v', lambdaVariables('v').a))`, `"[map(reference('x'), lambda('v', lambdaVariables('v').a))]"`},
		{`length(createArray(reference('x')))`, `"[length(createArray(reference('x')))]"`},
	}
}

func TestSyntaxErrors(t *testing.T) {
	for src, want := range map[string]string{
		``:                     "expected token 'Identifier' or 'LiteralString' or 'Integer' and actual 'EndOfData'",
		`concat('a'`:           "expected token 'Comma' or 'RightParenthesis' and actual 'EndOfData'",
		`concat('a`:            "the string that starts at position '7' is never closed",
		`a`:                    "expected token 'LeftParenthesis'",
		`a.b`:                  "expected token 'LeftParenthesis'",
		`a().`:                 "expected token 'Identifier'",
		`a()[1`:                "expected token 'RightSquareBracket'",
		`a() b`:                "expected token 'EndOfData' and actual 'Identifier'",
		`a(,)`:                 "actual 'Comma'",
		`1.5`:                  "expected token 'Identifier' and actual 'Integer'",
		`1 + 2`:                "the string character '+' at position '2' is not expected",
		`12345678901234567890`: "does not fit into 64 bits",
		strings.Repeat("not(", 300) + "1" + strings.Repeat(")", 300): "nests deeper",
		"'" + strings.Repeat("x", 24577) + "'":                       "longer than the limit of 24576",
	} {
		if _, err := expr.Parse(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.40q) fails with %v, want %q in it", src, err, want)
		}
	}
}
