package io.fundamentallm.webservice.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What items of a response are as turns of a chat. */
class ResponsesRequestsTest {
  private static final String USER = "{'role':'user','content':'q'}";
  private static final String SAID = "{'role':'assistant','content':'a'}";
  private static final String CALL =
      "{'type':'function_call','call_id':'c','name':'f','arguments':'{}'}";
  private static final String RESULT = "{'type':'function_call_output','call_id':'c','output':'r'}";

  /** The turns: each role's first letter, its text, its thinking in brackets, its calls as +. */
  private static String turns(String items) {
    String input =
        items
            .replaceAll(
                "T\\((\\w+)\\)", "{'type':'reasoning','summary':[],'content':[{'text':'$1'}]}")
            .replace("USER", USER)
            .replace("SAID", SAID)
            .replace("CALL", CALL)
            .replace("RESULT", RESULT);
    StringBuilder turns = new StringBuilder();
    for (JsonNode turn : chat("{'input':[" + input + "]}").get("messages")) {
      turns
          .append(turns.isEmpty() ? "" : " ")
          .append(turn.get("role").stringValue().charAt(0))
          .append(turn.path("content").stringValue(""))
          .append(
              turn.has("reasoning_content") ? turn.get("reasoning_content").stringValue("") : "")
          .append("+".repeat(turn.path("tool_calls").size()));
    }
    return turns.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "USER, T(x), SAID, USER | uq aax uq",
        "USER, T(x), USER | uq ax uq",
        "USER, T(x), USER, SAID, USER | uq ax uq aa uq",
        "USER, T(x), USER, T(y), SAID, USER | uq ax uq aay uq",
        "USER, T(x), USER, T(y), CALL, RESULT | uq ax uq ay+ tr",
        "USER, SAID, T(x), USER | uq aa ax uq",
        "USER, T(x) | uq ax",
        "USER, CALL, RESULT, T(x), USER | uq a+ tr ax uq",
        "USER, T(x), CALL, T(y), RESULT, SAID | uq axy+ tr aa",
        "USER, CALL, T(y), RESULT, T(z), SAID | uq ay+ tr aaz",
        "USER, T(x), T(y), SAID | uq aaxy",
        "USER, T(x), CALL, T(y), CALL, RESULT | uq ax+ ay+ tr"
      })
  void what_was_thought_before_an_answer_was_cut_off_is_a_turn_of_its_own(
      String items, String turns) {
    assertThat(turns(items)).isEqualTo(turns);
  }

  @Test
  void a_result_may_come_in_parts() {
    String parts = "[{'type': 'input_text', 'text': 'r'}, {'type': 'input_text', 'text': 's'}]";
    JsonNode turns =
        chat("{'input': ["
                + CALL
                + ", {'type': 'function_call_output', 'call_id': 'c', 'output': "
                + parts
                + "}]}")
            .get("messages");

    assertThat(turns.get(1).get("content")).hasSize(2);
    assertThat(turns.at("/1/content/1/text").stringValue()).isEqualTo("s");
    assertThatThrownBy(
            () ->
                chat("{'input': [{'type': 'function_call_output', 'call_id': 'c', 'output': 5}]}"))
        .hasMessageStartingWith("'input[0].output' must be a string, or an array");
  }

  /** A client that keeps nothing with its provider always asks for it. */
  @Test
  void thinking_in_ciphers_may_be_asked_for() {
    chat("{'input': 'q', 'include': ['reasoning.encrypted_content']}");
    chat("{'input': 'q', 'include': []}");

    for (String more :
        List.of("['message.output_text.logprobs']", "'reasoning.encrypted_content'", "[5]")) {
      assertThatThrownBy(() -> chat("{'input': 'q', 'include': " + more + "}"))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.param()).isEqualTo("include"));
    }
  }

  private static JsonNode chat(String request) {
    Fields fields = new Fields(new JsonMapper().readTree(request.replace('\'', '"')), "");
    return ResponsesRequests.chat(fields, new ClientNames());
  }
}
