package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The official client, as its users write it. */
class OpenAiClientTest {
  private static OpenAIClient client;

  @BeforeAll
  static void connect() throws Exception {
    client = client(Server.KEY);
  }

  @AfterAll
  static void disconnect() {
    client.close();
  }

  private static OpenAIClient client(String key) throws Exception {
    return OpenAIOkHttpClient.builder()
        .baseUrl(Server.shared().uri("/v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static CompletionCreateParams.Builder completion() {
    return CompletionCreateParams.builder()
        .model("tiny")
        .prompt("user\nI am Bob\nassistant\n")
        .temperature(0);
  }

  private static ChatCompletionCreateParams.Builder chat(String words) {
    return ChatCompletionCreateParams.builder()
        .model("tiny")
        .addUserMessage(words)
        .temperature(0)
        .maxCompletionTokens(40);
  }

  @Test
  void completions() {
    Completion answer = client.completions().create(completion().build());

    CompletionChoice choice = answer.choices().get(0);
    assertThat(choice.text()).isEqualTo("hello Bob");
    assertThat(choice.finishReason()).isEqualTo(CompletionChoice.FinishReason.STOP);
    assertThat(answer.model()).isEqualTo("tiny");
    assertThat(answer.usage().orElseThrow().promptTokens()).isPositive();
    assertThat(answer.usage().orElseThrow().completionTokens()).isBetween(3L, 10L);
    assertThat(answer.systemFingerprint().orElseThrow()).startsWith("fp_");
  }

  @Test
  void completions_with_log_probabilities_and_echo() {
    Completion answer =
        client.completions().create(completion().logprobs(3).echo(true).maxTokens(2).build());

    CompletionChoice choice = answer.choices().get(0);
    CompletionChoice.Logprobs logprobs = choice.logprobs().orElseThrow();
    List<String> tokens = logprobs.tokens().orElseThrow();
    assertThat(choice.text()).isEqualTo("user\nI am Bob\nassistant\nhello Bob");
    assertThat(tokens.get(0)).isEqualTo("<|begin|>"); // which stands before the text
    assertThat(String.join("", tokens.subList(1, tokens.size()))).isEqualTo(choice.text());
    assertThat(logprobs.tokenLogprobs().orElseThrow()).hasSameSizeAs(tokens);
    assertThat(logprobs.topLogprobs().orElseThrow()).hasSameSizeAs(tokens);
    List<Long> offsets = logprobs.textOffset().orElseThrow();
    assertThat(offsets.get(0)).isZero();
    for (int i = 1; i < tokens.size(); i++) {
      assertThat(choice.text().substring(offsets.get(i).intValue())).startsWith(tokens.get(i));
    }
  }

  @Test
  void completions_in_pieces() {
    try (StreamResponse<Completion> pieces =
        client.completions().createStreaming(completion().build())) {
      assertThat(
              pieces.stream()
                  .flatMap(piece -> piece.choices().stream())
                  .map(CompletionChoice::text)
                  .collect(Collectors.joining()))
          .isEqualTo("hello Bob");
    }
  }

  @Test
  void chat() {
    ChatCompletion answer = client.chat().completions().create(chat("I am Eve").build());

    ChatCompletion.Choice choice = answer.choices().get(0);
    assertThat(choice.message().content()).contains("hello Eve");
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    assertThat(answer.usage().orElseThrow().totalTokens()).isPositive();
  }

  @Test
  void a_conversation_with_a_system_message() {
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("tiny")
                    .addSystemMessage("be loud")
                    .addUserMessage("I am Ann")
                    .temperature(0)
                    .build());

    assertThat(answer.choices().get(0).message().content()).contains("HELLO!");
  }

  @Test
  void chat_in_pieces_with_usage() {
    ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
    List<ChatCompletionChunk> chunks;
    try (StreamResponse<ChatCompletionChunk> pieces =
        client
            .chat()
            .completions()
            .createStreaming(
                chat("I am Ann")
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      chunks = pieces.stream().peek(whole::accumulate).toList();
    }

    ChatCompletion answer = whole.chatCompletion();
    assertThat(answer.choices().get(0).message().content()).contains("hello Ann");
    assertThat(chunks.get(0).choices().get(0).delta().role()).isPresent();
    assertThat(chunks.get(chunks.size() - 1).choices()).isEmpty();
    assertThat(chunks.get(chunks.size() - 1).usage().orElseThrow().completionTokens())
        .isBetween(3L, 10L);
  }

  @Test
  void chat_with_log_probabilities() {
    ChatCompletion answer =
        client.chat().completions().create(chat("I am Ann").logprobs(true).topLogprobs(2).build());

    var content = answer.choices().get(0).logprobs().orElseThrow().content().orElseThrow();
    assertThat(content.stream().map(token -> token.token()).collect(Collectors.joining()))
        .isEqualTo("hello Ann");
    var first = content.get(0);
    assertThat(first.logprob()).isLessThanOrEqualTo(0);
    assertThat(first.topLogprobs()).hasSize(2);
    assertThat(first.topLogprobs().get(0).token()).isEqualTo(first.token()); // temperature is 0
    byte[] bytes = new byte[first.bytes().orElseThrow().size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = first.bytes().orElseThrow().get(i).byteValue();
    }
    assertThat(bytes).isEqualTo(first.token().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** A seat, as the client makes a schema of it. */
  static class Seat {
    @JsonProperty public boolean free;
    @JsonProperty public Row row;

    /** Where. */
    enum Row {
      FRONT,
      BACK
    }
  }

  @Test
  void structured_outputs() {
    StructuredChatCompletionCreateParams<Seat> params =
        chat("a seat").maxCompletionTokens(200).responseFormat(Seat.class).build();

    Seat seat =
        client
            .chat()
            .completions()
            .create(params)
            .choices()
            .get(0)
            .message()
            .content()
            .orElseThrow();

    assertThat(seat.row).isNotNull();
  }

  @Test
  void models() {
    List<Model> models = client.models().list().items();

    assertThat(models).extracting(Model::id).containsExactly("tiny");
    assertThat(client.models().retrieve("tiny").ownedBy()).isEqualTo("fundamentallm");
    assertThatThrownBy(() -> client.models().retrieve("gpt-5"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void errors_are_those_that_the_client_knows() throws Exception {
    assertThatThrownBy(
            () -> client.completions().create(completion().prompt("a ".repeat(5000)).build()))
        .isInstanceOfSatisfying(
            BadRequestException.class,
            e -> {
              assertThat(e.code()).contains("context_length_exceeded");
              assertThat(e.param()).contains("prompt");
              assertThat(e.type()).contains("invalid_request_error");
            });
    assertThatThrownBy(() -> client.completions().create(completion().model("gpt-5").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("gpt-5");
    OpenAIClient stranger = client("wrong");
    assertThatThrownBy(() -> stranger.models().list()).isInstanceOf(UnauthorizedException.class);
    stranger.close();
  }
}
