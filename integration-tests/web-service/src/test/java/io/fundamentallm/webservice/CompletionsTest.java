package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.TinyChat;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the fields of a request do. */
class CompletionsTest {
  private static final String BOB = "\"prompt\": \"user\\nI am Bob\\nassistant\\n\"";

  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  private static JsonNode complete(String fields) throws Exception {
    return server.ask("/v1/completions", "{" + BOB + "," + fields + "}");
  }

  private static String text(JsonNode answer) {
    return answer.at("/choices/0/text").stringValue();
  }

  @Test
  void a_request_needs_nothing_but_a_prompt() throws Exception {
    JsonNode answer = server.ask("/v1/completions", "{" + BOB + "}");

    assertThat(answer.get("object").stringValue()).isEqualTo("text_completion");
    assertThat(answer.at("/usage/completion_tokens").intValue()).isBetween(1, 16);
    assertThat(answer.at("/choices/0/logprobs").isNull()).isTrue();
  }

  @Test
  void nulls_and_harmless_fields_are_taken() throws Exception {
    assertThat(
            text(
                complete(
                    "\"temperature\": 0, \"stop\": null, \"n\": null, \"suffix\": null, \"user\":"
                        + " \"me\", \"metadata\": {\"a\": \"b\"}, \"store\": false")))
        .isEqualTo("hello Bob");
  }

  @Test
  void a_seed_gives_the_same_text_again() throws Exception {
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      texts.add(text(complete("\"seed\": 7, \"temperature\": 2, \"max_tokens\": 30")));
    }
    assertThat(texts).hasSize(1);
    assertThat(text(complete("\"seed\": 8, \"temperature\": 2, \"max_tokens\": 30")))
        .isNotIn(texts);
  }

  @Test
  void several_continuations_have_an_index_each() throws Exception {
    JsonNode answer = complete("\"n\": 3, \"temperature\": 2, \"seed\": 1, \"max_tokens\": 12");

    List<Integer> indexes = new ArrayList<>();
    answer.get("choices").forEach(choice -> indexes.add(choice.get("index").intValue()));
    assertThat(indexes).containsExactly(0, 1, 2);
    assertThat(answer.at("/choices/0/text")).isNotEqualTo(answer.at("/choices/1/text"));
    assertThat(answer.at("/usage/completion_tokens").intValue()).isGreaterThan(12);
  }

  @Test
  void several_prompts_are_continued_in_order() throws Exception {
    JsonNode answer =
        server.ask(
            "/v1/completions",
            """
            {"prompt": ["user\\nI am Ann\\nassistant\\n", "user\\nI am Eve\\nassistant\\n"],
             "temperature": 0, "n": 2}""");

    List<String> texts = new ArrayList<>();
    answer.get("choices").forEach(choice -> texts.add(choice.get("text").stringValue()));
    assertThat(texts).containsExactly("hello Ann", "hello Ann", "hello Eve", "hello Eve");
  }

  @Test
  void the_best_of_several_is_given() throws Exception {
    JsonNode answer =
        complete("\"best_of\": 6, \"temperature\": 1.2, \"seed\": 3, \"stop\": \"\\n\"");

    assertThat(answer.get("choices")).hasSize(1);
    assertThat(text(answer)).isEqualTo("hello Bob");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"best_of\": 4", "\"decoder\": \"sampling(best-of=4)\""})
  void usage_counts_the_tokens_of_all_candidates(String four) throws Exception {
    // no end token, so that each candidate takes all it may
    String limits = ", \"max_tokens\": 5, \"logit_bias\": {\"1\": -100}";
    JsonNode answer = complete(four + limits);

    assertThat(answer.get("choices")).hasSize(1);
    assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(4 * 5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\" Bob\"", "[\"absent\", \" Bob\"]"})
  void stops_end_the_text_and_are_no_part_of_it(String stop) throws Exception {
    JsonNode answer = complete("\"temperature\": 0, \"stop\": " + stop);

    assertThat(text(answer)).isEqualTo("hello");
    assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void the_most_tokens_are_a_limit_of_length() throws Exception {
    JsonNode answer = complete("\"temperature\": 0, \"max_tokens\": 1");

    assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
    assertThat(answer.at("/usage/completion_tokens").intValue()).isOne();
  }

  @Test
  void a_prompt_alone_is_scored() throws Exception {
    JsonNode answer = complete("\"max_tokens\": 0, \"echo\": true, \"logprobs\": 0");

    assertThat(text(answer)).isEqualTo("user\nI am Bob\nassistant\n");
    assertThat(answer.at("/choices/0/logprobs/tokens").size()).isGreaterThan(3);
    assertThat(answer.at("/choices/0/logprobs/top_logprobs/1")).hasSize(1); // the token itself
  }

  @Test
  void parameters_of_sampling_steer() throws Exception {
    assertThat(text(complete("\"top_p\": 0"))).isEqualTo("hello Bob");
    int hello =
        TinyTokens.id(complete("\"temperature\": 0, \"max_tokens\": 1, \"logprobs\": 0"), "hello");
    assertThat(text(complete("\"temperature\": 0, \"logit_bias\": {\"" + hello + "\": -100}")))
        .doesNotStartWith("hello");
    assertThat(
            text(
                complete(
                    "\"temperature\": 0, \"max_tokens\": 60, \"logit_bias\": {\"1\": -100},"
                        + " \"frequency_penalty\": 2, \"presence_penalty\": 2")))
        .isNotEqualTo(
            text(
                complete("\"temperature\": 0, \"max_tokens\": 60, \"logit_bias\": {\"1\": -100}")));
  }

  @Test
  void a_sampler_may_be_written_as_a_spec() throws Exception {
    assertThat(text(complete("\"sampler\": \"temperature=0.7,greedy\""))).isEqualTo("hello Bob");
    assertThat(text(complete("\"sampler\": \"choice=\\\"yes|no\\\",greedy\""))).isIn("yes", "no");
    assertThat(text(complete("\"sampler\": \"bad-words=\\\"'@'\\\",greedy\"")))
        .isEqualTo("hello Bob"); // in quotes an @ is an @
  }

  @ParameterizedTest
  @ValueSource(strings = {"beam(width=4)", "speculative", "contrastive(k=3)", "sampling"})
  void a_decoder_may_be_named(String decoder) throws Exception {
    assertThat(text(complete("\"sampler\": \"greedy\", \"decoder\": \"" + decoder + "\"")))
        .startsWith("hello");
  }

  @Test
  void a_decoder_says_how_many_continuations_there_are() throws Exception {
    JsonNode answer = complete("\"decoder\": \"beam(width=4,n=3)\"");

    assertThat(answer.get("choices")).hasSize(3);
  }

  @Test
  void formats_hold() throws Exception {
    JsonNode seat =
        server.ask(
            "/v1/completions",
            """
            {"prompt": "user\\na seat\\nassistant\\n", "temperature": 0, "max_tokens": 200,
             "response_format": {"type": "json_object"}}""");
    assertThat(Server.json(text(seat)).isObject()).isTrue();
    assertThat(
            text(
                complete(
                    "\"max_tokens\": 60, \"response_format\": {\"type\": \"json_schema\","
                        + " \"json_schema\": {\"name\": \"answer\", \"strict\": true, \"schema\":"
                        + " {\"const\": \"the \\\"\\\\ one\"}}}")))
        .isEqualTo("\"the \\\"\\\\ one\"");
  }

  @Test
  void a_stream_is_events_of_lines_that_begin_with_data() throws Exception {
    HttpResponse<String> response =
        server.post(
            "/v1/completions",
            "{"
                + BOB
                + ", \"temperature\": 0, \"stream\": true, \"logprobs\": 1, \"n\": 2,"
                + " \"stream_options\": {\"include_usage\": true}}");

    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    List<String> events = List.of(response.body().split("\n\n"));
    assertThat(events).allMatch(event -> event.startsWith("data: ") && !event.contains("\n"));
    assertThat(events.get(events.size() - 1)).isEqualTo("data: [DONE]");
    StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
    List<Integer> offsets = new ArrayList<>();
    for (String event : events.subList(0, events.size() - 2)) {
      JsonNode chunk = Server.json(event.substring(6));
      JsonNode choice = chunk.at("/choices/0");
      texts[choice.get("index").intValue()].append(choice.get("text").stringValue());
      assertThat(chunk.get("usage").isNull()).isTrue();
      if (choice.get("index").intValue() == 0) {
        choice.at("/logprobs/text_offset").forEach(offset -> offsets.add(offset.intValue()));
      }
    }
    assertThat(texts[0]).hasToString("hello Bob");
    assertThat(texts[1]).hasToString("hello Bob");
    assertThat(offsets).isSorted().startsWith(0).doesNotHaveDuplicates();
    JsonNode usage = Server.json(events.get(events.size() - 2).substring(6));
    assertThat(usage.get("choices")).isEmpty();
    assertThat(usage.at("/usage/completion_tokens").intValue()).isBetween(6, 20);
  }

  @Test
  void the_end_of_the_context_ends_the_text() throws Exception {
    String prompt = " Ann".repeat(TinyChat.CONTEXT - 60);
    JsonNode answer =
        server.ask(
            "/v1/completions",
            "{\"prompt\": \"" + prompt + "\", \"max_tokens\": 500, \"logit_bias\": {\"1\": -100}}");

    assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
    assertThat(answer.at("/usage/total_tokens").intValue())
        .isBetween(TinyChat.CONTEXT - 1, TinyChat.CONTEXT + 2);
  }

  /** Finds ids, which the interface does not tell. */
  private static final class TinyTokens {
    static int id(JsonNode answer, String token) throws Exception {
      assertThat(answer.at("/choices/0/logprobs/tokens/0").stringValue()).isEqualTo(token);
      return io.fundamentallm.Tokenizers.load(TinyChat.longContext()).encode(token)[0];
    }
  }
}
