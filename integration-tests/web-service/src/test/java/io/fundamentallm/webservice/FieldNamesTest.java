package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Errors of Anthropic's and OpenAI's newer interface name fields as their clients sent them. */
class FieldNamesTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  /** The error of a request whose fields are written with single quotes. */
  private static JsonNode refused(String path, String fields) throws Exception {
    HttpResponse<String> response = server.post(path, "{" + fields.replace('\'', '"') + "}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    return Server.json(response.body()).get("error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'max_tokens': 0`| max_tokens",
        "`'stop_sequences': ['']`| stop_sequences",
        "`'thinking': {'type': 'enabled', 'budget_tokens': -1}`| thinking.budget_tokens",
        "`'output_config': {'format': {'schema': {'type': 'no'}}}`| output_config.format",
        "`'system': 5`| system",
        "`'system': [{'type': 'text', 'text': '\\ud800'}]`| system[0].text",
        "`'system': 'x', 'messages': [{'role': 'user'}]`| messages[0].content",
        "`'messages': [{'role': 'user', 'content': [{'type': 'tool_result', 'tool_use_id': 'x'}]}]`|"
            + " messages[0].content[0].tool_use_id",
        "`'messages': [{'role': 'assistant', 'content': [{'type': 'thinking', 'thinking': 'x'},"
            + " {'type': 'text', 'text': '\\ud800'}]}]`| messages[0].content[1].text",
        "`'messages': [{'role': 'assistant', 'content': [{'type': 'tool_use', 'id': 'x'}]}]`|"
            + " messages[0].content",
        "`'tools': [{'name': 'a b'}]`| tools[0].name",
        "`'tools': [{'name': 'a', 'input_schema': 5}]`| tools[0].input_schema",
        "`'tools': [{'name': 'a'}], 'tool_choice': {'type': 'tool', 'name': 'b'}`| tool_choice"
      })
  void of_messages(String fields, String named) throws Exception {
    String all =
        (fields.contains("'messages'")
                ? ""
                : "'messages': [{'role': 'user', 'content': 'I am Ann'}], ")
            + (fields.contains("'max_tokens'") ? "" : "'max_tokens': 5, ")
            + fields;
    String message = refused("/v1/messages", all).get("message").stringValue();

    assertThat(message).startsWith("'" + named + "'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'max_output_tokens': 0`| max_output_tokens",
        "`'reasoning': {'effort': 'huge'}`| reasoning.effort",
        "`'text': {'verbosity': 'high'}`| text.verbosity",
        "`'text': {'format': {'type': 'json_schema'}}`| text.format",
        "`'text': {'format': {'type': 'xml'}}`| text.format.type",
        "`'input': '\\ud800'`| input",
        "`'instructions': '\\ud800'`| instructions",
        "`'instructions': 'x', 'input': [{'role': 'user'}]`| input[0].content",
        "`'instructions': 'x', 'input': [{'role': 'who', 'content': 'x'}]`| input[0].role",
        "`'input': [{'role': 'user', 'content': [{'type': 'input_text', 'text': '\\ud800'}]}]`|"
            + " input[0].content[0].text",
        "`'input': [{'type': 'reasoning'}, {'type': 'function_call_output', 'call_id': 'x',"
            + " 'output': 'y'}]`| input[1].call_id",
        "`'input': [{'role': 'user', 'content': 'x'}, {'type': 'reasoning', 'content':"
            + " [{'text': '\\ud800'}]}, {'role': 'user', 'content': 'y'}]`| input[1].content",
        "`'input': [{'role': 'user', 'content': 'x'}, {'type': 'function_call', 'call_id': 'c',"
            + " 'name': 'a', 'arguments': 5}]`| input[1].arguments",
        "`'tools': [{'type': 'function', 'name': 'a b'}]`| tools[0].name",
        "`'tools': [{'type': 'function', 'name': 'a', 'parameters': 5}]`| tools[0].parameters"
      })
  void of_responses(String fields, String named) throws Exception {
    JsonNode error =
        refused("/v1/responses", (fields.contains("'input'") ? "" : "'input': 'I', ") + fields);

    assertThat(error.get("param").stringValue()).isEqualTo(named);
    assertThat(error.get("message").stringValue()).startsWith("'" + named + "'");
  }

  @Test
  void a_conversation_that_is_too_long_is_named_as_it_came() throws Exception {
    JsonNode error = refused("/v1/responses", "'input': '" + "I am ".repeat(9_000) + "'");

    assertThat(error.get("param").stringValue()).isEqualTo("input");
    assertThat(error.get("message").stringValue()).contains("your input", "length of the input");
  }

  @ParameterizedTest
  @CsvSource({"GET, /v1/messages, 405", "POST, /v1/messages/count_tokens, 404"})
  void what_the_framework_refuses_is_in_anthropics_form_too(String method, String path, int status)
      throws Exception {
    HttpResponse<String> response =
        server.send(
            server
                .request(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString("{}")));

    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode body = Server.json(response.body());
    assertThat(body.get("type").stringValue()).isEqualTo("error");
    assertThat(body.at("/error/type").stringValue())
        .isEqualTo(status == 404 ? "not_found_error" : "invalid_request_error");
    assertThat(body.at("/error/message").stringValue()).contains(path);
  }
}
