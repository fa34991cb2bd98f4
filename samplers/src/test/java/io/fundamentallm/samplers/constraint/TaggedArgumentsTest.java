package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Arguments between tags: what is JSON there is all of JSON, and a text is any but its end. */
class TaggedArgumentsTest {
  private static final String OBJECT = "{\"type\":\"object\"}";

  /** How an argument that is JSON is written, in a call of the tool {@code f}. */
  enum Notation {
    QWEN3_CODER(
        "qwen3-coder",
        "<tool_call>\n<function=f>\n<parameter=a>\n%s\n</parameter>\n</function>\n</tool_call>"),
    GLM("glm", "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>%s</arg_value>\n</tool_call>"),
    DEEPSEEK_V32(
        "deepseek-v32",
        "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\""
            + " string=\"false\">%s</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>");

    private final String id;
    private final String call;

    Notation(String id, String call) {
      this.id = id;
      this.call = call;
    }

    String with(String argument) {
      return call.formatted(argument);
    }

    TokenConstraint constraint(String schema, String more) {
      return Bound.bytes(
          "chat-answer",
          """
          {"notation": "%s", "tools": [{"name": "f", "parameters": {"properties": {"a": %s},
           "required": ["a"]}}]%s}
          """
              .formatted(id, schema, more));
    }

    /** Whether an argument that is a text may be this one. */
    boolean acceptsText(String schema, String text) {
      TokenConstraint required = constraint(schema, ", \"tool_choice\": \"required\"");
      return Bound.accepts(required, with(text).replace("string=\"false\"", "string=\"true\""));
    }

    boolean accepts(String schema, String argument) {
      TokenConstraint required = constraint(schema, ", \"tool_choice\": \"required\"");
      return Bound.accepts(required, with(argument));
    }
  }

  @ParameterizedTest
  @EnumSource
  void objects_have_any_number_of_names_that_are_free(Notation notation) {
    for (String argument :
        new String[] {
          "{}",
          "{\"a-b\": 1, \"c d\": {\"\": [], \"é\": null}}",
          "{\"a\": {\"a\": 1}, \"b\": [{\"a\": 1}, {\"a\": 1}]}",
          "{\"a\": \"{\\\"a\\\": 1,\", \"\\u0062\": 2}",
        }) {
      assertThat(notation.accepts(OBJECT, argument)).as(argument).isTrue();
      assertThat(notation.accepts("{\"type\":[\"object\",\"array\"]}", argument)).isTrue();
    }
    assertThat(notation.accepts("{\"type\":\"array\"}", "[{\"a\": 1, \"b c\": 2}]")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void words_of_python_are_allowed_where_templates_show_them(Notation notation) {
    boolean shown = notation == Notation.QWEN3_CODER;
    for (String schema :
        List.of(
            "{\"type\":\"boolean\"}",
            "{\"type\":[\"boolean\",\"null\"]}",
            "{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"null\"}]}",
            "{\"type\":[\"integer\",\"boolean\"]}",
            "{\"enum\":[true,1]}",
            "{\"const\":true}",
            "{}")) {
      assertThat(notation.accepts(schema, "true")).as(schema).isTrue();
      assertThat(notation.accepts(schema, "True")).as(schema).isEqualTo(shown);
      assertThat(notation.accepts(schema, "TRUE")).as(schema).isFalse();
      boolean isNull = schema.contains("null") || schema.equals("{}");
      assertThat(notation.accepts(schema, "None")).as(schema).isEqualTo(shown && isNull);
    }
    for (String schema :
        List.of(
            "{\"type\":\"integer\"}",
            "{\"enum\":[false,null]}",
            "{\"const\":2}",
            "{\"type\":\"array\",\"items\":{\"type\":\"boolean\"}}",
            OBJECT)) {
      assertThat(notation.accepts(schema, "True")).as(schema).isFalse();
      assertThat(notation.accepts(schema, "[True]")).as(schema).isFalse();
      assertThat(notation.accepts(schema, "False")).isEqualTo(shown && schema.contains("false"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void no_object_has_a_name_twice(Notation notation) {
    for (String argument :
        new String[] {
          "{\"a\": 1, \"a\": 2}", "{\"a\": 1, \"\\u0061\": 2}", "{\"b\": {\"a\": 1, \"a\": 2}}"
        }) {
      assertThat(notation.accepts(OBJECT, argument)).as(argument).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void each_argument_of_each_call_has_names_of_its_own(Notation notation) {
    String call = notation.with("{\"a\": 1, \"b\": {\"a\": 2}}");
    TokenConstraint auto = notation.constraint(OBJECT, "");
    assertThat(Bound.accepts(auto, "So {\"a\": 1, \"a\": 1}" + call + call)).isTrue();
    String again = notation.with("{\"a\": 1, \"a\": 2}");
    assertThat(Bound.accepts(auto, call + again)).isFalse();
    assertThat(Bound.accepts(auto, call + " {\"a\": 1, \"a\": 1}")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void counts_and_others_beside_described_members_hold(Notation notation) {
    String two = "{\"type\":\"object\",\"minProperties\":2,\"maxProperties\":3}";
    assertThat(notation.accepts(two, "{\"a\": 1}")).isFalse();
    assertThat(notation.accepts(two, "{\"a\": 1, \"b\": 2}")).isTrue();
    assertThat(notation.accepts(two, "{\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4}")).isFalse();
    String beside =
        "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},"
            + "\"additionalProperties\":{\"type\":\"boolean\"}}";
    assertThat(notation.accepts(beside, "{\"n\": 1, \"x y\": true, \"z\": false}")).isTrue();
    assertThat(notation.accepts(beside, "{\"n\": 1, \"x y\": 2}")).isFalse();
    assertThat(notation.accepts(beside, "{\"n\": 1, \"n\": true}")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void no_name_has_the_tag_behind_the_value(Notation notation) {
    String end = notation.call.replaceAll("(?s).*%s\\s*(</[^>]*>).*", "$1");
    for (String schema :
        new String[] {
          OBJECT,
          "{\"type\":\"object\",\"properties\":{\"n\":{}}," + "\"additionalProperties\":true}"
        }) {
      assertThat(notation.accepts(schema, "{\"" + end + "\": 1}")).as(end).isFalse();
      assertThat(notation.accepts(schema, "{\"b\": \"" + end + "\"}")).as(end).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN3_CODER", "GLM"})
  void a_text_that_looks_like_an_object_may_have_a_name_twice(Notation notation) {
    assertThat(notation.accepts("{\"type\":\"string\"}", "{\"a\": 1, \"a\": 2}")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void a_text_that_must_not_be_empty_may_be_any_other(Notation notation) {
    String schema = "{\"type\":\"string\",\"minLength\":1}";
    for (String text : new String[] {"a", "<b>", "a < b", "</", "<</x>", "\n"}) {
      assertThat(notation.acceptsText(schema, text)).as(text).isTrue();
    }
    assertThat(notation.acceptsText(schema, "")).isFalse();
    assertThat(notation.acceptsText("{\"type\":\"string\"}", "")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void no_text_has_the_end_of_the_section(Notation notation) {
    String close = notation.call.substring(notation.call.lastIndexOf("</"));
    for (String schema :
        new String[] {"{\"type\":\"string\"}", "{\"enum\":[\"a" + close + "\",\"b\"]}"}) {
      assertThat(notation.acceptsText(schema, "a" + close)).as(schema).isFalse();
      assertThat(notation.acceptsText(schema, "b")).as(schema).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_text_with_a_schema_is_json_beside_calls(Notation notation) {
    TokenConstraint both = notation.constraint(OBJECT, ", \"schema\": " + OBJECT);
    String call = notation.with("{\"a\": 1, \"b\": 2}");
    assertThat(Bound.accepts(both, "{\"a\": \"x\", \"b\": {\"a\": 1}}")).isTrue();
    assertThat(Bound.accepts(both, call)).isTrue();
    assertThat(Bound.accepts(both, call + "{\"a\": 1}")).isTrue();
    assertThat(Bound.accepts(both, "{\"a\": 1, \"a\": 2}")).isFalse();
    assertThat(Bound.accepts(both, notation.with("{\"a\": 1, \"a\": 2}"))).isFalse();
    assertThat(Bound.accepts(both, "So: " + call)).isFalse();
    TokenConstraint thinking =
        notation.constraint(OBJECT, ", \"thinking\": \"allowed\", \"schema\": " + OBJECT);
    assertThat(Bound.accepts(thinking, "<think>{</think>{\"a\": 1, \"b\": 2}")).isTrue();
    assertThat(Bound.accepts(thinking, "<think>{</think>{\"a\": 1, \"a\": 2}")).isFalse();
  }
}
