package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What vLLM, Anthropic and OpenAI have beside completions and chats. */
class MoreOfOpenAiTest {
  private static Server server;

  @BeforeAll
  static void start() throws Exception {
    server = Server.shared();
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static JsonNode ask(String path, String text) throws Exception {
    return server.ask(path, json(text));
  }

  private static JsonNode choice(String fields) throws Exception {
    return ask("/v1/completions", "{" + fields + "}").get("choices").get(0);
  }

  private static String refusal(String path, String text) throws Exception {
    HttpResponse<String> response = server.post(path, json(text));
    assertThat(response.statusCode()).isEqualTo(400);
    return Server.json(response.body()).get("error").get("message").stringValue();
  }

  @Test
  void tokens_of_a_text_are_a_prompt_that_goes_on_in_the_same_way() throws Exception {
    JsonNode tokens = ask("/tokenize", "{'prompt': 'I am Ann'}");
    assertThat(tokens.get("count").intValue()).isEqualTo(tokens.get("tokens").size());
    assertThat(tokens.get("max_model_len").intValue()).isPositive();
    String how = ", 'seed': 3, 'max_tokens': 12";
    String text = choice("'prompt': 'I am Ann'" + how).get("text").stringValue();
    assertThat(choice("'prompt': " + tokens.get("tokens") + how).get("text").stringValue())
        .isEqualTo(text);
    assertThat(choice("'prompt': [" + tokens.get("tokens") + "]" + how).get("text").stringValue())
        .isEqualTo(text);
    JsonNode plain = ask("/tokenize", "{'prompt': 'I am Ann', 'add_special_tokens': false}");
    assertThat(
            ask("/detokenize", "{'tokens': " + plain.get("tokens") + "}")
                .get("prompt")
                .stringValue())
        .isEqualTo("I am Ann");
    assertThat(
            ask("/tokenize", "{'messages': [{'role': 'user', 'content': 'I'}]}")
                .get("count")
                .intValue())
        .isPositive();
    assertThat(refusal("/v1/completions", "{'prompt': [1, 99999999]}"))
        .contains("token ids from 0");
    assertThat(refusal("/v1/completions", "{'prompt': [1, 'a']}")).contains("token ids from 0");
    assertThat(refusal("/detokenize", "{'tokens': [-1]}")).contains("token ids from 0");
  }

  @Test
  void the_tokens_of_a_prompt_have_log_probabilities() throws Exception {
    JsonNode choice = choice("'prompt': 'I am Ann', 'prompt_logprobs': 2, 'max_tokens': 1");
    JsonNode tokens = ask("/tokenize", "{'prompt': 'I am Ann'}").get("tokens");
    JsonNode scores = choice.get("prompt_logprobs");
    assertThat(scores.size()).isEqualTo(tokens.size());
    assertThat(scores.get(0).isNull()).isTrue();
    for (int i = 1; i < scores.size(); i++) {
      JsonNode actual = scores.get(i).get(tokens.get(i).toString());
      assertThat(actual.get("logprob").doubleValue()).isLessThanOrEqualTo(0);
      assertThat(actual.get("rank").intValue()).isPositive();
      assertThat(scores.get(i).size()).isBetween(2, 3);
    }
    JsonNode echoed =
        choice("'prompt': 'I am Ann', 'echo': true, 'logprobs': 0, 'max_tokens': 1")
            .get("logprobs")
            .get("token_logprobs");
    int last = scores.size() - 1;
    assertThat(scores.get(last).get(tokens.get(last).toString()).get("logprob").doubleValue())
        .isEqualTo(echoed.get(echoed.size() - 2).doubleValue());
    JsonNode chat =
        ask(
            "/v1/chat/completions",
            "{'messages': [{'role': 'user', 'content': 'I am Ann'}], 'prompt_logprobs': 0,"
                + " 'max_tokens': 1}");
    assertThat(chat.get("prompt_logprobs").size())
        .isEqualTo(chat.get("usage").get("prompt_tokens").intValue());
    assertThat(refusal("/v1/completions", "{'prompt': 'a', 'prompt_logprobs': 1, 'stream': true}"))
        .contains("without 'stream'");
  }

  /** Clients find a continuation's figures by its place: each token has one, a special one too. */
  @Test
  void every_token_of_a_prompt_has_its_place() throws Exception {
    JsonNode text = ask("/tokenize", "{'prompt': 'I am Ann'}").get("tokens");
    JsonNode plain =
        ask("/tokenize", "{'prompt': 'I am Ann', 'add_special_tokens': false}").get("tokens");
    assertThat(text.size()).isEqualTo(plain.size() + 1);
    String begin = text.get(0).toString();
    String special = plain.toString().replaceFirst(",", "," + begin + ","); // in the middle, too
    for (String prompt : List.of(text.toString(), plain.toString(), special, "[" + begin + "]")) {
      int length = Server.json(prompt).size();
      JsonNode choice =
          choice(
              "'prompt': "
                  + prompt
                  + ", 'echo': true, 'logprobs': 1, 'max_tokens': 1,"
                  + " 'prompt_logprobs': 0, 'ignore_eos': true");
      JsonNode logprobs = choice.get("logprobs");
      assertThat(choice.get("prompt_logprobs").size()).isEqualTo(length);
      assertThat(choice.get("prompt_logprobs").get(0).isNull()).isTrue();
      for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
        assertThat(logprobs.get(list).size()).as(list).isEqualTo(length + 1);
      }
      assertThat(logprobs.get("token_logprobs").get(0).isNull()).isTrue();
      assertThat(logprobs.get("top_logprobs").get(0).isNull()).isTrue();
      String echoed = choice.get("text").stringValue();
      for (int i = 0; i < length; i++) {
        int offset = logprobs.get("text_offset").get(i).intValue();
        assertThat(echoed.substring(offset))
            .startsWith(logprobs.get("tokens").get(i).stringValue());
        if (i > 0) {
          String id = Server.json(prompt).get(i).toString();
          assertThat(logprobs.get("token_logprobs").get(i).doubleValue())
              .isEqualTo(choice.get("prompt_logprobs").get(i).get(id).get("logprob").doubleValue());
        }
      }
    }
  }

  @Test
  void tokens_are_scored_as_they_are_and_a_text_behind_its_begin_token() throws Exception {
    JsonNode tokens = ask("/tokenize", "{'prompt': 'I am Ann'}").get("tokens");
    String ids = tokens.toString();
    String figures = ", 'echo': true, 'logprobs': 1, 'max_tokens': 1, 'temperature': 0";
    JsonNode text = choice("'prompt': 'I am Ann'" + figures).at("/logprobs/token_logprobs");
    assertThat(choice("'prompt': " + ids + figures).at("/logprobs/token_logprobs")).isEqualTo(text);
    // the last token's figure is what the model gives it where it is the next one
    int last = tokens.size() - 1;
    String before = ids.substring(0, ids.lastIndexOf(',')) + "]";
    JsonNode next =
        choice(
                "'prompt': "
                    + before
                    + ", 'max_tokens': 1, 'logprobs': 1, 'sampler':"
                    + " 'allowed-tokens="
                    + tokens.get(last)
                    + "'")
            .at("/logprobs/token_logprobs/0");
    assertThat(text.get(last).doubleValue()).isCloseTo(next.doubleValue(), within(1e-4));
  }

  @Test
  void a_message_that_a_stop_sequence_ended_tells_which() throws Exception {
    String asked =
        "{'max_tokens': 60, 'temperature': 0, 'messages': [{'role': 'user', 'content':"
            + " 'I am Ann'}]";
    String text = ask("/v1/messages", asked + "}").at("/content/0/text").stringValue();
    String stop = text.substring(text.length() / 2, text.length() / 2 + 2);
    String stops = ", 'stop_sequences': ['XYLOPHONE', '" + stop + "']";

    JsonNode whole = ask("/v1/messages", asked + stops + "}");
    assertThat(whole.get("stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(whole.get("stop_sequence").stringValue()).isEqualTo(stop);

    String events = server.post("/v1/messages", json(asked + stops + ", 'stream': true}")).body();
    JsonNode delta =
        events
            .lines()
            .filter(line -> line.startsWith("data: ") && line.contains("message_delta"))
            .map(line -> Server.json(line.substring(6)).get("delta"))
            .findFirst()
            .orElseThrow();
    assertThat(delta.get("stop_reason").stringValue()).isEqualTo("stop_sequence");
    assertThat(delta.get("stop_sequence").stringValue()).isEqualTo(stop);
    assertThat(ask("/v1/messages", asked + "}").get("stop_sequence").isNull()).isTrue();
  }

  @Test
  void a_text_goes_on_behind_its_end_and_ends_at_tokens_of_choice() throws Exception {
    JsonNode endless =
        ask(
            "/v1/chat/completions",
            "{'messages': [{'role': 'user', 'content': 'I am Ann'}], 'temperature': 0,"
                + " 'max_tokens': 60, 'ignore_eos': true}");
    assertThat(endless.get("choices").get(0).get("finish_reason").stringValue())
        .isEqualTo("length");
    assertThat(endless.get("usage").get("completion_tokens").intValue()).isEqualTo(60);
    String refused = refusal("/v1/completions", "{'prompt': 'a', 'stop_token_ids': [1000000]}");
    assertThat(refused).contains("stop_token_ids");
    int last = Integer.parseInt(refused.replaceFirst(".* to ", ""));
    JsonNode stopped =
        ask(
            "/v1/completions",
            "{'prompt': 'I am Ann', 'max_tokens': 12, 'ignore_eos': true, 'stop_token_ids': "
                + IntStream.rangeClosed(0, last).boxed().toList()
                + "}");
    assertThat(stopped.get("choices").get(0).get("finish_reason").stringValue()).isEqualTo("stop");
    assertThat(stopped.get("usage").get("completion_tokens").intValue()).isEqualTo(1);
  }

  @Test
  void a_chat_that_names_no_number_of_tokens_has_the_services() throws Exception {
    for (String unsaid : List.of("", ", 'max_tokens': null", ", 'max_completion_tokens': null")) {
      JsonNode answer =
          ask(
              "/v1/chat/completions",
              "{'messages': [{'role': 'user', 'content': 'I am Ann'}], 'temperature': 0,"
                  + " 'ignore_eos': true"
                  + unsaid
                  + "}");
      assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(1024);
      assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
    }
  }

  /** As they come: the pieces of the choices alternate, and each has the text it has otherwise. */
  @Test
  void several_choices_stream_side_by_side() throws Exception {
    String how = "{'prompt': 'I am Ann', 'n': 3, 'seed': 5, 'max_tokens': 12, 'ignore_eos': true";
    List<String> whole = new ArrayList<>();
    ask("/v1/completions", how + "}")
        .get("choices")
        .forEach(choice -> whole.add(choice.get("text").stringValue()));
    String events = server.post("/v1/completions", json(how + ", 'stream': true}")).body();
    Map<Integer, StringBuilder> texts = new TreeMap<>();
    List<Integer> order = new ArrayList<>();
    for (String line : events.lines().toList()) {
      if (line.startsWith("data: {")) {
        JsonNode choice = Server.json(line.substring(6)).get("choices").get(0);
        int index = choice.get("index").intValue();
        order.add(index);
        texts
            .computeIfAbsent(index, i -> new StringBuilder())
            .append(choice.get("text").stringValue());
      }
    }
    assertThat(texts.values()).extracting(StringBuilder::toString).isEqualTo(whole);
    assertThat(order.indexOf(2)).as("%s", order).isLessThan(order.lastIndexOf(0));
  }

  @Test
  void texts_become_vectors() throws Exception {
    JsonNode answer = ask("/v1/embeddings", "{'input': ['I am Ann', 'I am Bob'], 'model': 'tiny'}");
    assertThat(answer.get("data").size()).isEqualTo(2);
    JsonNode vector = answer.get("data").get(0).get("embedding");
    JsonNode coded =
        ask("/v1/embeddings", "{'input': 'I am Ann', 'encoding_format': 'base64'}")
            .get("data")
            .get(0)
            .get("embedding");
    float[] decoded = new float[vector.size()];
    ByteBuffer.wrap(Base64.getDecoder().decode(coded.stringValue()))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(decoded);
    for (int i = 0; i < decoded.length; i++) {
      assertThat(decoded[i]).isEqualTo((float) vector.get(i).doubleValue());
    }
    int read = 0;
    for (String text : List.of("I am Ann", "I am Bob")) {
      JsonNode completion = ask("/v1/completions", "{'prompt': '" + text + "', 'max_tokens': 1}");
      read += completion.get("usage").get("prompt_tokens").intValue();
    }
    assertThat(answer.get("usage").get("prompt_tokens").intValue()).isEqualTo(read);
    assertThat(refusal("/v1/embeddings", "{'input': ['']}")).contains("none of them empty");
    assertThat(refusal("/v1/embeddings", "{'input': [1, 2]}")).contains("strings");
  }

  @Test
  void its_samplers_have_names() throws Exception {
    JsonNode all = Server.json(server.get("/v1/samplers").body());
    assertThat(all.get("data").findValuesAsString("id")).contains("temperature", "top-p", "greedy");
    assertThat(all.get("decoders").findValuesAsString("id")).contains("beam", "sampling");
  }

  @Test
  void anthropics_errors_have_their_own_form_and_its_key_a_header_of_its_own() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri("/v1/messages"))
            .header("x-api-key", Server.KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json("{'messages': []}")));
    HttpResponse<String> response = server.send(request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode error = Server.json(response.body());
    assertThat(error.get("type").stringValue()).isEqualTo("error");
    assertThat(error.get("error").get("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("error").get("message").stringValue()).contains("max_tokens");
  }

  @Test
  void a_message_and_a_response_say_what_a_chat_says() throws Exception {
    String chat =
        ask(
                "/v1/chat/completions",
                "{'messages': [{'role': 'system', 'content': 'Hi'}, {'role': 'user', 'content': 'I"
                    + " am Ann'}], 'temperature': 0, 'max_tokens': 40}")
            .get("choices")
            .get(0)
            .get("message")
            .get("content")
            .stringValue();
    JsonNode message =
        ask(
            "/v1/messages",
            "{'system': [{'type': 'text', 'text': 'Hi', 'cache_control': {'type': 'ephemeral'}}],"
                + " 'messages': [{'role': 'user', 'content': 'I am Ann'}], 'temperature': 0,"
                + " 'max_tokens': 40}");
    assertThat(message.get("content").get(0).get("text").stringValue()).isEqualTo(chat);
    assertThat(message.get("stop_reason").stringValue()).isIn("end_turn", "max_tokens");
    JsonNode response =
        ask(
            "/v1/responses",
            "{'instructions': 'Hi', 'input': 'I am Ann', 'temperature': 0, 'max_output_tokens': 40}");
    JsonNode item = response.get("output").get(0);
    assertThat(item.get("content").get(0).get("text").stringValue()).isEqualTo(chat);
    assertThat(refusal("/v1/responses", "{'input': 'a', 'previous_response_id': 'x'}"))
        .contains("nothing is stored");
    assertThat(response.get("status").stringValue()).isIn("completed", "incomplete");
    assertThat(item.get("status")).isEqualTo(response.get("status"));
    JsonNode cut = ask("/v1/responses", "{'input': 'I am Ann', 'max_output_tokens': 2}");
    assertThat(cut.get("status").stringValue()).isEqualTo("incomplete");
    assertThat(cut.get("output").get(0).get("status").stringValue()).isEqualTo("incomplete");
  }
}
