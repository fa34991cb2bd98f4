package io.fundamentallm.webservice.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.webservice.json.Fields;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What Anthropic's words mean in OpenAI's. */
class MessagesRequestsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'thinking': {'type': 'adaptive'}`| medium",
        "`'thinking': {'type': 'adaptive'}, 'output_config': {'effort': 'high'}`| high",
        "`'thinking': {'type': 'adaptive'}, 'output_config': {'effort': 'max'}`| xhigh",
        "`'thinking': {'type': 'enabled', 'budget_tokens': 9}, 'output_config': {'effort': 'low'}`|"
            + " low",
        "`'output_config': {'effort': 'low'}`| low",
        "`'thinking': {'type': 'disabled'}, 'output_config': {'effort': 'high'}`| none",
        "`'thinking': {'type': 'disabled'}`| none",
      })
  void effort_is_what_the_request_says_unless_it_does_without_thinking(String how, String effort) {
    String request =
        "{'max_tokens': 9, 'messages': [{'role': 'user', 'content': '?'}], " + how + "}";
    Fields fields = new Fields(new JsonMapper().readTree(request.replace('\'', '"')), "");
    assertThat(
            MessagesRequests.chat(fields, new ClientNames())
                .path("reasoning_effort")
                .stringValue(""))
        .isEqualTo(effort);
  }
}
