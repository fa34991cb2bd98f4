package io.fundamentallm.webservice.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fundamentallm.webservice.error.ApiException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a body that is not JSON: where it breaks off, and what would go on there. */
class JsonBodiesTest {
  private static final String START = "the request's body is not JSON: ";

  private static String refusal(byte[] json) {
    ApiException e = catchThrowableOfType(ApiException.class, () -> JsonBodies.read(json));
    assertThat(e.status().value()).isEqualTo(400);
    assertThat(e.text())
        .doesNotContain("Source", "Jackson", "tools.", "`", "_")
        .hasSizeLessThan(250);
    return e.text();
  }

  /** Line breaks are written as /. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{| 2| a name in double quotes or }, but the text ends",
        "{\"a\"| 5| a colon, but the text ends",
        "{\"a\":| 6| a value, but the text ends",
        "{\"a\":1| 7| a comma or }, but the text ends",
        "{\"a\":1,}| 8| a name in double quotes, but there is '}'",
        "{a:1}| 2| a name in double quotes or }, but there is 'a'",
        "{\"a\" 1}| 6| a colon, but there is '1'",
        "{\"a\":1 \"b\":2}| 8| a comma or }, but there is '\"'",
        "{\"a\":[1,]}| 9| a value, but there is ']'",
        "{\"a\":[1 2]}| 9| a comma or ], but there is '2'",
        "{\"a\":[}| 7| a value or ], but there is '}'",
        "{\"a\":\"x| 8| a closing quote, but the text ends",
        "{\"a\":\"x/y\"}| 8| an escape such as \\n, but there is U+000A",
        "{\"a\":\"\\q\"}| 8| one of \"\\/bfnrtu, but there is 'q'",
        "{\"a\":\"\\u12g4\"}| 11| a hexadecimal digit, but there is 'g'",
        "{\"a\":tru}| 6| a value, but there is 't'",
        "{\"a\":NaN}| 6| a value, but there is 'N'",
        "{\"a\":-}| 7| a digit, but there is '}'",
        "{\"a\":1.}| 8| a digit, but there is '}'",
        "{\"a\":1e}| 8| a digit, but there is '}'",
        "{\"a\":01}| 7| a comma or }, but there is '1'",
        "{\"é😀\":\"ü\" x}| 11| a comma or }, but there is 'x'",
        "{} {}| 4| the end, but there is '{'",
        "hello| 1| a value, but there is 'h'"
      })
  void it_says_where_and_what_was_expected(String json, int column, String expected) {
    assertThat(refusal(json.replace('/', '\n').replace("\\\n", "\\/").getBytes(UTF_8)))
        .isEqualTo(START + "line 1, column " + column + ": expected " + expected);
  }

  @ParameterizedTest
  @CsvSource({"'\n', 3, 3", "'\r\n', 3, 3", "'\r', 3, 3"})
  void lines_end_as_on_all_systems(String end, int line, int column) {
    assertThat(refusal(("{" + end + "\"a\": 1" + end + "  \"b\": 2}").getBytes(UTF_8)))
        .startsWith(START + "line " + line + ", column " + column + ": expected a comma or }");
  }

  @Test
  void it_names_what_stands_twice_is_too_deep_or_too_long() {
    assertThat(refusal("{\"a\": 1,\n \"a\": 2}".getBytes(UTF_8)))
        .isEqualTo(START + "line 2, column 2: the name \"a\" stands twice in its object");
    assertThat(refusal(("{\"a\": " + "[".repeat(300)).getBytes(UTF_8)))
        .isEqualTo(START + "line 1, column 206: more than 200 arrays and objects in one another");
    assertThat(refusal(("{\"a\": " + "1".repeat(101) + "}").getBytes(UTF_8)))
        .isEqualTo(START + "line 1, column 7: a number of more than 100 characters");
    assertThat(refusal("{\"a\": 1e99999999999}".getBytes(UTF_8)))
        .isEqualTo(START + "line 1, column 7: a number whose exponent is too large");
    assertThat(refusal(("{\"" + "k".repeat(60_000) + "\": 1}").getBytes(UTF_8))).startsWith(START);
  }

  @Test
  void bytes_that_are_no_text_are_refused_where_they_stand() {
    assertThat(refusal(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}))
        .isEqualTo(START + "line 1, column 3: bytes that are not UTF-8");
    assertThat(refusal("{\"a\": \"é\"}".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
        .isEqualTo(START + "line 1, column 8: bytes that are not UTF-8");
  }

  @Test
  void what_it_writes_it_reads() {
    assertThat(JsonBodies.tree(null, JsonBodies.write(Map.of("a", "é\n\u0001😀"))).get("a"))
        .hasToString("\"é\\n\\u0001😀\"");
  }
}
