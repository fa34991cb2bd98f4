package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Bad requests: each error names what is wrong, in OpenAI's form. */
class RefusalsTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  static JsonNode refused(int status, HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonNode error = Server.json(response.body()).get("error");
    assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
    assertThat(error.get("message").stringValue()).isNotBlank();
    return error;
  }

  private static JsonNode refusedCompletion(String fields) throws Exception {
    return refused(400, server.post("/v1/completions", "{\"prompt\": \"I am\", " + fields + "}"));
  }

  private static JsonNode refusedChat(String fields) throws Exception {
    return refused(
        400,
        server.post(
            "/v1/chat/completions",
            "{\"messages\": [{\"role\": \"user\", \"content\": \"I am\"}], " + fields + "}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'temperature': 2.1`| temperature",
        "`'temperature': 'hot'`| temperature",
        "`'temperature': 1e999999999`| temperature",
        "`'top_p': -0.1`| top_p",
        "`'frequency_penalty': 3`| frequency_penalty",
        "`'presence_penalty': -3`| presence_penalty",
        "`'max_tokens': 4097`| max_tokens",
        "`'max_tokens': -1`| max_tokens",
        "`'max_tokens': 1.5`| max_tokens",
        "`'n': 0`| n",
        "`'n': 9`| n",
        "`'best_of': 9`| best_of",
        "`'n': 3, 'best_of': 2`| best_of",
        "`'logprobs': 301`| logprobs",
        "`'logprobs': true`| logprobs",
        "`'seed': 1e30`| seed",
        "`'stop': ''`| stop",
        "`'stop': ['a', 'b', 'c', 'd', 'e']`| stop",
        "`'stop': '\\ud800'`| stop",
        "`'stop': 1`| stop",
        "`'echo': 'yes'`| echo",
        "`'stream_options': {}`| stream_options",
        "`'logit_bias': {'99999': 1}`| logit_bias",
        "`'logit_bias': {'1': 101}`| logit_bias",
        "`'logit_bias': {'x': 1}`| logit_bias",
        "`'suffix': '.'`| suffix",
        "`'tools': []`| tools",
        "`'user': 5`| user",
        "`'safety_identifier': []`| safety_identifier",
        "`'prompt_cache_key': {}`| prompt_cache_key",
        "`'prompt_cache_retention': 'for ever'`| prompt_cache_retention",
        "`'service_tier': 'priority'`| service_tier",
        "`'store': true`| store",
        "`'store': 'no'`| store",
        "`'metadata': 1`| metadata",
        "`'metadata': {'a': 1}`| metadata",
        "`'stream': true, 'stream_options': {'include_obfuscation': 1}`| stream_options.include_obfuscation",
        "`'response_format': {'type': 'json_schema', 'json_schema': {'name': 1, 'schema': {}}}`| response_format.json_schema.name",
        "`'response_format': {'type': 'json_schema', 'json_schema': {'strict': 1, 'schema': {}}}`| response_format.json_schema.strict",
        "`'audio': {}`| audio",
        "`'surprise': 1`| surprise",
        "`'response_format': {'type': 'xml'}`| response_format.type",
        "`'response_format': {'type': 'json_schema'}`| response_format.json_schema",
        "`'sampler': 'hot=1'`| sampler",
        "`'sampler': 'temperature'`| sampler",
        "`'sampler': ''`| sampler",
        "`'sampler': 'greedy', 'temperature': 1`| sampler",
        "`'sampler': 'suppressed-tokens=99999999'`| sampler",
        "`'sampler': 'allowed-tokens=5,suppressed-tokens=5'`| sampler",
        "`'decoder': 'guess'`| decoder",
        "`'decoder': 'beam(width=9)'`| decoder",
        "`'decoder': 'beam(width=4,n=5)'`| decoder",
        "`'decoder': 'sampling(best-of=1000)'`| decoder",
        "`'decoder': 'contrastive(k=1024)'`| decoder",
        "`'decoder': 'beam', 'n': 2`| decoder"
      })
  void fields_out_of_range_are_named(String fields, String param) throws Exception {
    JsonNode error = refusedCompletion(fields.replace('\'', '"'));

    assertThat(error.get("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").stringValue()).isEqualTo(param);
  }

  @Test
  void a_text_that_should_be_one_token_and_is_not_is_named() throws Exception {
    JsonNode error = refusedCompletion("\"sampler\": \"allowed-tokens=\\\"'hello world'\\\"\"");

    assertThat(error.get("param").stringValue()).isEqualTo("sampler");
    assertThat(error.get("message").stringValue()).contains("hello world", "expected one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`'top_logprobs': 2`| top_logprobs",
        "`'logprobs': true, 'top_logprobs': 301`| top_logprobs",
        "`'max_completion_tokens': 0`| max_completion_tokens",
        "`'tools': [{'type': 'function'}]`| tools[0].function",
        "`'tools': {}`| tools",
        "`'tool_choice': 'required'`| tool_choice",
        "`'functions': [{'name': 'f'}]`| functions",
        "`'function_call': {'name': 'f'}`| function_call",
        "`'parallel_tool_calls': 1`| parallel_tool_calls",
        "`'modalities': ['audio']`| modalities",
        "`'modalities': ['text', 'audio']`| modalities",
        "`'modalities': 'text'`| modalities",
        "`'reasoning_effort': 7`| reasoning_effort",
        "`'reasoning_effort': 'endless'`| reasoning_effort",
        "`'verbosity': 'low'`| verbosity",
        "`'response_format': {'type': 'json_schema', 'json_schema': {'schema': 7}}`| response_format",
        "`'response_format': {'type': 'json_schema', 'json_schema': {'schema': false}}`|"
            + " response_format",
        "`'sampler': 'json-object,greedy', 'response_format': {'type': 'json_object'}`| sampler",
        "`'sampler': 'regex=x', 'tools': [{'type': 'function', 'function': {'name': 'f'}}]`|"
            + " sampler",
        "`'messages': []`| messages",
        "`'messages': 'hello'`| messages",
        "`'messages': [1]`| messages[0]",
        "`'messages': [{'role': 'tool', 'content': 'x'}]`| messages[0].tool_call_id",
        "`'messages': [{'role': 'user'}]`| messages[0].content",
        "`'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]`| messages[0].content",
        "`'messages': [{'role': 'user', 'content': [1]}]`| messages[0].content[0]",
        "`'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'x', 'y': 1}]}]`| messages[0].content[0].y",
        "`'messages': [{'role': 'user', 'content': 'x', 'tool_calls': [1]}]`| messages[0].tool_calls",
        "`'messages': [{'role': 'user', 'content': 'a\\ud800'}]`| messages[0].content",
        "`'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': '\\ude00'}]}]`|"
            + " messages[0].content[0].text"
      })
  void so_are_those_of_a_chat(String fields, String param) throws Exception {
    // a field that stands twice is refused too, so the message goes where the case has its own
    String own = fields.replace('\'', '"');
    JsonNode error =
        own.contains("\"messages\"")
            ? refused(400, server.post("/v1/chat/completions", "{" + own + "}"))
            : refusedChat(own);

    assertThat(error.get("param").stringValue()).isEqualTo(param);
  }

  /** Clients send these whether they need them or not. */
  @Test
  void what_changes_nothing_is_taken() throws Exception {
    String both =
        "'user': 'u', 'safety_identifier': 's', 'prompt_cache_key': 'k',"
            + " 'prompt_cache_retention': '24h', 'service_tier': 'auto', 'store': false,"
            + " 'metadata': {'a': 'b'}, 'max_tokens': 1, 'logit_bias': {}, 'stop': [],"
            + " 'response_format': {'type': 'text'}";
    server.ask(
        "/v1/completions", ("{'prompt': 'I am', 'suffix': '', " + both + "}").replace('\'', '"'));
    server.ask(
        "/v1/chat/completions",
        ("{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'I am'}],"
                + " 'tool_calls': [], 'annotations': []}], 'tools': [], 'tool_choice': 'none',"
                + " 'functions': [], 'function_call': 'auto', 'parallel_tool_calls': false,"
                + " 'modalities': ['text'], 'reasoning_effort': 'low', 'verbosity': 'medium', "
                + both
                + "}")
            .replace('\'', '"'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "\"prompt\"",
        "{\"prompt\": \"a\", \"prompt\": \"b\"}",
        "{}x"
      })
  void what_is_no_json_object_is_refused(String body) throws Exception {
    refused(400, server.post("/v1/completions", body));
    refused(400, server.post("/v1/chat/completions", body));
  }

  @Test
  void json_that_is_nested_too_deeply_is_refused() throws Exception {
    refused(400, server.post("/v1/completions", "[".repeat(60_000)));
    refusedCompletion("\"user\": " + "{\"a\":".repeat(300) + "1" + "}".repeat(300));
  }

  @Test
  void half_a_character_in_a_prompt_is_named_with_its_place() throws Exception {
    JsonNode error =
        refused(400, server.post("/v1/completions", "{\"prompt\": [\"a\", \"bc\\ud800\"]}"));
    assertThat(error.get("param").stringValue()).isEqualTo("prompt[1]");
    assertThat(error.get("message").stringValue()).contains("at index 2");
  }

  @Test
  void a_prompt_that_is_longer_than_the_context_is_refused() throws Exception {
    String words = " Ann".repeat(TinyChat.CONTEXT + 1);
    JsonNode error =
        refused(400, server.post("/v1/completions", "{\"prompt\": \"" + words + "\"}"));

    assertThat(error.get("code").stringValue()).isEqualTo("context_length_exceeded");
    assertThat(error.get("message").stringValue()).contains(String.valueOf(TinyChat.CONTEXT));
    JsonNode chat =
        refused(
            400,
            server.post(
                "/v1/chat/completions",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"" + words + "\"}]}"));
    assertThat(chat.get("code").stringValue()).isEqualTo("context_length_exceeded");
  }

  @Test
  void ten_thousand_stops_are_refused() throws Exception {
    List<String> stops = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      stops.add("\"stop" + i + "\"");
    }

    assertThat(refusedCompletion("\"stop\": " + stops).get("param").stringValue())
        .isEqualTo("stop");
  }

  @Test
  void a_body_over_the_limit_is_refused_whether_its_length_is_told_or_not() throws Exception {
    String large = "{\"prompt\": \"" + "x".repeat(200_000) + "\"}";
    HttpRequest.Builder chunked =
        server
            .request("/v1/completions")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(large)));

    assertThat(refused(413, server.post("/v1/completions", large)).get("code").stringValue())
        .isEqualTo("request_too_large");
    assertThat(refused(413, server.send(chunked)).get("code").stringValue())
        .isEqualTo("request_too_large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "json", "application/", ";"})
  void only_json_is_read(String type) throws Exception {
    HttpRequest.Builder other =
        server
            .request("/v1/completions")
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString("{\"prompt\": \"a\"}"));

    refused(415, server.send(other));
  }

  @Test
  void addresses_and_methods_that_are_none_are_told_as_errors() throws Exception {
    refused(404, server.get("/v1/engines"));
    refused(404, server.get("/v1/models/other"));
    refused(405, server.get("/v1/completions"));
    refused(404, server.post("/v1/images/generations", "{}"));
  }
}
