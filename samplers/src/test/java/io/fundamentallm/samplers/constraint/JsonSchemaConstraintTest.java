package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.TokenConstraint;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemaConstraintTest {
  private static void check(String schema, String[] accepted, String[] rejected) {
    TokenConstraint constraint = Bound.bytes("json-schema", schema);
    for (String text : accepted) {
      assertThat(Bound.accepts(constraint, text)).as("%s accepts %s", schema, text).isTrue();
    }
    for (String text : rejected) {
      assertThat(Bound.accepts(constraint, text)).as("%s rejects %s", schema, text).isFalse();
    }
  }

  private static String[] texts(String... texts) {
    return texts;
  }

  @Test
  void numbers_between_random_bounds_are_those_between_them() {
    Random random = new Random(4);
    for (int i = 0; i < 150; i++) {
      BigDecimal one = decimal(random);
      BigDecimal other = decimal(random);
      BigDecimal low = one.min(other);
      BigDecimal high = one.max(other);
      boolean lowIn = random.nextBoolean();
      boolean highIn = random.nextBoolean();
      String bounds =
          (lowIn ? "\"minimum\":" : "\"exclusiveMinimum\":")
              + low
              + (highIn ? ",\"maximum\":" : ",\"exclusiveMaximum\":")
              + high
              + "}";
      if (low.compareTo(high) == 0) {
        continue;
      }
      TokenConstraint numbers = Bound.bytes("json-schema", "{\"type\":\"number\"," + bounds);
      for (int j = 0; j < 80; j++) {
        BigDecimal near =
            j == 0 ? low : j == 1 ? high : j % 2 == 0 ? decimal(random) : near(low, high, random);
        boolean expected =
            (lowIn ? near.compareTo(low) >= 0 : near.compareTo(low) > 0)
                && (highIn ? near.compareTo(high) <= 0 : near.compareTo(high) < 0);
        assertThat(Bound.accepts(numbers, near.toPlainString()))
            .as("%s in %s", near, bounds)
            .isEqualTo(expected && !near.toPlainString().matches("-0(\\.0*)?"));
      }
    }
  }

  @Test
  void integers_between_random_bounds_are_those_between_them() {
    Random random = new Random(4);
    for (int i = 0; i < 200; i++) {
      int one = random.nextInt(2_400) - 1_200;
      int other = one + random.nextInt(i % 2 == 0 ? 30 : 3_000);
      TokenConstraint integers =
          Bound.bytes(
              "json-schema",
              "{\"type\":\"integer\",\"minimum\":" + one + ",\"maximum\":" + other + "}");
      for (int j = 0; j < 60; j++) {
        int number = j < 20 ? one - 10 + j : j < 40 ? other - 30 + j : random.nextInt(3000) - 1500;
        assertThat(Bound.accepts(integers, "" + number))
            .as("%d in [%d, %d]", number, one, other)
            .isEqualTo(number >= one && number <= other);
      }
    }
  }

  private static BigDecimal decimal(Random random) {
    return BigDecimal.valueOf(
        random.nextInt(random.nextBoolean() ? 200 : 200_000) - 100, random.nextInt(4));
  }

  private static BigDecimal near(BigDecimal low, BigDecimal high, Random random) {
    BigDecimal bound = random.nextBoolean() ? low : high;
    return bound.add(BigDecimal.valueOf(random.nextInt(7) - 3, bound.scale() + random.nextInt(3)));
  }

  @Test
  void multiples() {
    check(
        "{\"type\":\"integer\",\"multipleOf\":7}",
        texts("0", "7", "-14", "700", "1001"),
        texts("1", "-1", "15", "7.0", "00", "07"));
    check(
        "{\"type\":\"integer\",\"multipleOf\":5,\"minimum\":-12,\"maximum\":11}",
        texts("-10", "-5", "0", "5", "10"),
        texts("-15", "15", "4", "-0"));
    check(
        "{\"type\":\"number\",\"multipleOf\":0.01,\"exclusiveMinimum\":0,\"maximum\":1}",
        texts("0.01", "0.5", "1", "1.00", "0.99"),
        texts("0", "0.00", "0.001", "1.01", "2"));
  }

  @Test
  void lengths_count_code_points() {
    check(
        "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}",
        texts("\"ab\"", "\"é😀\"", "\"\\n\\u00e9\\\"\"", "\"\\ud83d\\ude00a\""),
        texts("\"a\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"abcd\"", "\"\\ud83da\"", "\"\n\n\""));
  }

  @Test
  void patterns_are_found_anywhere_and_written_as_json() {
    check(
        "{\"type\":\"string\",\"pattern\":\"[0-9]{2}$\"}",
        texts("\"12\"", "\"ab12\"", "\"a\\nb\\\"c12\""), texts("\"12a\"", "\"1\""));
    check(
        "{\"pattern\":\"^[\\\"\\\\\\\\\\\\n]+$\"}",
        texts("\"\\\"\\\\\\n\""),
        texts("\"\"\"", "\"\\\"", "\"a\"", "\"\n\""));
  }

  @Test
  void patterns_formats_and_lengths_hold_together() {
    check(
        "{\"type\":\"string\",\"pattern\":\"^[A-Z]+|é$\",\"minLength\":2,\"maxLength\":4}",
        texts("\"AB\"", "\"ABCD\"", "\"Aé\"", "\"\\nxé\"", "\"A😀\""),
        texts("\"A\"", "\"ABCDE\"", "\"ab\"", "\"é\""));
    check(
        "{\"format\":\"date\",\"pattern\":\"^19|^20\",\"minLength\":10}",
        texts("\"1999-12-31\"", "\"2000-02-29\""),
        texts("\"1800-01-01\"", "\"2023-02-29\"", "\"19\""));
  }

  @Test
  void formats() {
    check(
        "{\"format\":\"date\"}",
        texts("\"2024-02-29\"", "\"2023-12-31\"", "\"2000-02-29\""),
        texts(
            "\"2023-02-29\"", "\"1900-02-29\"", "\"2023-04-31\"", "\"2023-13-01\"", "\"23-1-1\""));
    check(
        "{\"type\":\"string\",\"format\":\"email\"}",
        texts("\"a@b.com\"", "\"first.last+tag@mail.example.org\""),
        texts("\"a\"", "\"a@b\"", "\"@b.com\"", "\"a@-b.com\"", "\"a..b@c.de\""));
    check(
        "{\"format\":\"ipv4\"}", texts("\"127.0.0.1\"", "\"255.1.20.0\""), texts("\"256.0.0.1\""));
    check("{\"type\":\"string\",\"format\":\"unheard-of\"}", texts("\"x\""), texts("1"));
  }

  @Test
  void objects() {
    check(
        "{\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"null\"}}",
        texts("{}", "{\"a\":1}", "{\"b\":null}", "{\"a\":1,\"ab\":null,\"\":null}"),
        texts("{\"a\":null}", "{\"b\":1}", "{\"b\":null,\"a\":1}", "{\"\\u0061\":null}", "[]"));
    check(
        "{\"type\":\"object\",\"required\":[\"z\"]}",
        texts("{\"z\":[1]}"),
        texts("{}", "{\"y\":1}", "{\"z\":1,\"y\":1}"));
    check(
        "{\"minProperties\":1,\"maxProperties\":2,\"additionalProperties\":{\"type\":\"null\"}}",
        texts("{\"a\":null}", "{\"a\":null,\"b\":null}"),
        texts("{}", "{ }", "{\"a\":null,\"b\":null,\"c\":null}"));
    check(
        "{\"minProperties\":2,\"maxProperties\":3}",
        texts("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2,\"c\":{}}"),
        texts("{}", "{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}"));
    check("{\"minProperties\":3}", texts("{\"a\":1,\"b\":2,\"c\":3}"), texts("{\"a\":1,\"b\":2}"));
    check(
        "{\"minProperties\":1,\"properties\":{\"a\":true,\"b\":true},\"maxProperties\":2}",
        texts("{\"a\":null}", "{\"b\":1}"),
        texts("{}"));
    check("{\"type\":\"object\"}", texts("{}", "{\"x\": {\"y\": [1, 2]}}"), texts("[]", "1"));
    check(
        "{\"properties\":{\"a\":false,\"b\":true}}", texts("{}", "{\"b\":{}}"), texts("{\"a\":1}"));
  }

  @Test
  void arrays() {
    check(
        "{\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}",
        texts("[1,2]", "[1, 2, 3]", "[ 1\n, 2 ]"),
        texts("[]", "[1]", "[1,2,3,4]", "[1,\"a\"]"));
    check(
        "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"items\":{\"type\":"
            + "\"boolean\"},\"minItems\":1,\"maxItems\":4}",
        texts("[1]", "[1,null]", "[1,null,true]", "[1,null,true,false]"),
        texts("[]", "[null]", "[1,true]", "[1,null,1]", "[1,null,true,true,true]"));
    check(
        "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"null\"}],"
            + "\"maxItems\":1}",
        texts("[]", "[1]"),
        texts("[1,null]"));
    check("{\"type\":\"array\",\"maxItems\":0}", texts("[]", "[ ]"), texts("[1]"));
    check(
        "{\"items\":{\"enum\":[1,2,3]},\"uniqueItems\":true,\"minItems\":2}",
        texts("[1,2]", "[3,1,2]"),
        texts("[1,1]", "[1]", "[1,2,3,1]"));
  }

  @Test
  void enums_keep_what_else_is_said() {
    check(
        "{\"type\":\"string\",\"enum\":[\"a\",1,\"abc\",null],\"minLength\":2}",
        texts("\"abc\""),
        texts("\"a\"", "1", "null"));
    check(
        "{\"enum\":[1.50,\"1.5\",[1,{}]]}", texts("1.5", "\"1.5\"", "[1, {}]"), texts("1", "[1]"));
    check("{\"const\":{\"a\":[true]}}", texts("{\"a\":[true]}", "{ \"a\": [true] }"), texts("{}"));
  }

  @Test
  void combinations() {
    String point = "{\"properties\":{\"x\":{\"type\":\"number\"}},\"required\":[\"x\"]}";
    check(
        "{\"$defs\":{\"p\":"
            + point
            + "},\"allOf\":[{\"$ref\":\"#/$defs/p\"},{\"properties\":{\"x\":"
            + "{\"maximum\":3},\"y\":{\"type\":\"null\"}}}]}",
        texts("{\"x\":3}", "{\"x\":2.5,\"y\":null}"),
        texts("{\"x\":4}", "{}", "{\"y\":null}"));
    check(
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"},\"b\":{\"type\":\"null\"}},"
            + "\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
        texts("{\"a\":null}", "{\"b\":null}", "{\"a\":null,\"b\":null}"),
        texts("{}"));
    check(
        "{\"type\":[\"integer\",\"string\"],\"minimum\":5,\"maxLength\":1}",
        texts("5", "\"a\""),
        texts("4", "\"ab\"", "null"));
    check(
        "{\"$ref\":\"#/definitions/a~1b%25\",\"definitions\":{\"a/b%\":{\"type\":\"null\"}}}",
        texts("null"), texts("1"));
  }

  @Test
  void recursion() {
    check(
        "{\"properties\":{\"next\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}},"
            + "\"required\":[\"next\"]}",
        texts("{\"next\":null}", "{\"next\":{\"next\":{\"next\":null}}}"),
        texts("{}", "{\"next\":{}}"));
  }

  @Test
  void drafts_before_2020_are_understood() {
    check("{\"type\":\"integer\",\"minimum\":3,\"exclusiveMinimum\":true}", texts("4"), texts("3"));
    check(
        "{\"items\":[{\"type\":\"null\"}],\"additionalItems\":{\"type\":\"integer\"}}",
        texts("[null,1,2]"),
        texts("[null,null]"));
  }

  @Test
  void white_space_is_bounded() {
    TokenConstraint compact =
        Bound.bytes("json-schema", "{\"items\":{\"type\":\"null\"}}", "max-whitespace", "0");
    assertThat(Bound.accepts(compact, "[null,null]")).isTrue();
    assertThat(Bound.accepts(compact, "[null, null]")).isFalse();
    TokenConstraint defaultValue = Bound.bytes("json-schema", "{\"items\":{\"type\":\"null\"}}");
    assertThat(Bound.accepts(defaultValue, "[ null , null ]")).isTrue();
    assertThat(Bound.accepts(defaultValue, "[  null]")).isFalse();
    assertThat(Bound.accepts(defaultValue, "[null, \n null]")).isFalse();
    assertThat(Bound.accepts(defaultValue, " []")).isFalse();
    assertThat(Bound.accepts(defaultValue, "[] ")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"not\":{}} ~ #: the keyword \"not\"",
        "{\"properties\":{\"a\":{\"if\":{}}}} ~ #/properties/a: the keyword \"if\"",
        "{\"items\":{\"patternProperties\":{}}} ~ #/items: the keyword \"patternProperties\"",
        "{\"type\":\"text\"} ~ #/type is not one of object",
        "{\"type\":\"text\"} ~ or an array of them; it is \"text\"",
        "{\"type\":\"objekt\"} ~ it is \"objekt\". Did you mean \"object\"?",
        "{\"type\":[\"null\",\"sting\"]} ~ it is [\"null\", \"sting\"]. Did you mean \"string\"?",
        "{\"minLength\":-1} ~ #/minLength is not a whole number",
        "{\"minItems\":1.5} ~ #/minItems is not a whole number",
        "{\"required\":\"a\"} ~ #/required is not an array of strings",
        "{\"properties\":[]} ~ #/properties is not an object",
        "{\"anyOf\":{}} ~ #/anyOf is not an array",
        "{\"maximum\":\"1\"} ~ #/maximum is not a number",
        "{\"multipleOf\":0} ~ #/multipleOf is not above 0",
        "{\"multipleOf\":0.3} ~ multipleOf",
        "{\"$ref\":\"#/$defs/a\"} ~ points at nothing",
        "{\"$ref\":\"http://example.org/s.json\"} ~ within the document",
        "{\"pattern\":\"(?=a)\"} ~ #/pattern",
        "{\"minProperties\":2,\"properties\":{\"a\":{}},\"additionalProperties\":{}} ~ minProperties",
        "{\"properties\":{\"a\":{}},\"additionalProperties\":{},\"maxProperties\":2} ~ maxProperties",
        "{\"properties\":{\"a\":1}} ~ #/properties/a: a schema is an object, true or false",
        "{\"const\":\"\\ud800\"} ~ surrogate pair",
        "{\"a\":1,} ~ not JSON, line 1",
        "{\"a\":1,\"a\":2} ~ not JSON, line 1",
        "{} {} ~ the JSON document is followed",
        "[] ~ a schema is an object",
      })
  void what_cannot_be_obeyed_is_refused_with_its_place(String schema, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("json-schema", schema))
        .withMessageContaining("stage \"json-schema\"")
        .withMessageContaining(expected);
  }

  @Test
  void a_schema_that_ends_too_early_is_refused_with_its_place_once() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Bound.stage("json-schema", "{\"type\":"))
        .withMessageContaining("not JSON, line 1, column 9: Unexpected end-of-input")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("Source", "StreamReadFeature"));
  }
}
