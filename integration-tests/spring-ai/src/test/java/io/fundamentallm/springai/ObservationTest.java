package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.observation.ChatModelMeterObservationHandler;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.observation.conventions.AiObservationAttributes;
import reactor.core.scheduler.Schedulers;

/** What Micrometer hears of requests, by Spring AI's names. */
class ObservationTest {
  private final TestObservationRegistry observations = TestObservationRegistry.create();

  @Test
  void of_answers_and_of_what_is_refused() throws Exception {
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      FundamentaLlmChatModel model =
          FundamentaLlmChatModel.builder(generator).observationRegistry(observations).build();
      model.call("I am Eve");
      assertObserved("STOP");
      Prompt other = new Prompt("I am Eve", ChatOptions.builder().model("gpt-5").build());
      assertThatThrownBy(() -> model.call(other)).isInstanceOf(IllegalArgumentException.class);
    }

    TestObservationRegistryAssert.assertThat(observations)
        .hasNumberOfObservationsWithNameEqualTo("gen_ai.client.operation", 2)
        .hasAnObservation(
            observation ->
                observation.hasLowCardinalityKeyValue("gen_ai.request.model", "gpt-5").hasError());
  }

  @Test
  void of_streams() throws Exception {
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      FundamentaLlmChatModel model =
          FundamentaLlmChatModel.builder(generator)
              .observationRegistry(observations)
              .scheduler(Schedulers.immediate()) // so that all is over when the last is there
              .build();
      model.stream(new Prompt("I am Eve", ChatOptions.builder().maxTokens(2).build())).blockLast();
    }
    assertObserved("LENGTH");
  }

  @Test
  void of_embeddings() throws Exception {
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      FundamentaLlmEmbeddingModel model =
          FundamentaLlmEmbeddingModel.builder(
                  TextEmbedder.of(generator.tokenizer(), generator.model()),
                  generator.model().info())
              .modelName("host")
              .observationRegistry(observations)
              .build();
      model.embed("I am Eve");
      model.embed(new Document("I am Eve"));
      EmbeddingRequest other =
          new EmbeddingRequest(
              List.of("I am Eve"), EmbeddingOptions.builder().model("gpt-5").build());
      assertThatThrownBy(() -> model.call(other)).isInstanceOf(IllegalArgumentException.class);
    }

    TestObservationRegistryAssert.assertThat(observations)
        .hasNumberOfObservationsWithNameEqualTo("gen_ai.client.operation", 3)
        .hasObservationWithNameEqualTo("gen_ai.client.operation")
        .that()
        .hasContextualNameEqualTo("embedding host")
        .hasLowCardinalityKeyValue(AiObservationAttributes.AI_PROVIDER.value(), "fundamentallm")
        .hasLowCardinalityKeyValue("gen_ai.request.model", "host")
        .hasLowCardinalityKeyValue("gen_ai.response.model", "host")
        .hasBeenStarted()
        .hasBeenStopped();
    TestObservationRegistryAssert.assertThat(observations)
        .hasAnObservation(
            observation ->
                observation.hasLowCardinalityKeyValue("gen_ai.request.model", "gpt-5").hasError());
  }

  @Test
  void meters_have_the_models_name() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    observations
        .observationConfig()
        .observationHandler(new ChatModelMeterObservationHandler(meters));
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      FundamentaLlmChatModel.builder(generator)
          .options(ChatOptions.builder().model("host").build())
          .observationRegistry(observations)
          .build()
          .call("I am Eve");
    }

    assertThat(
            meters
                .get("gen_ai.client.token.usage")
                .tags("gen_ai.response.model", "host", "gen_ai.token.type", "output")
                .counter()
                .count())
        .isPositive();
  }

  private void assertObserved(String reason) {
    TestObservationRegistryAssert.assertThat(observations)
        .hasObservationWithNameEqualTo("gen_ai.client.operation")
        .that()
        .hasContextualNameEqualTo("chat llama")
        .hasLowCardinalityKeyValue(AiObservationAttributes.AI_PROVIDER.value(), "fundamentallm")
        .hasLowCardinalityKeyValue("gen_ai.response.model", "llama")
        .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"" + reason + "\"]")
        .hasHighCardinalityKeyValueWithKey("gen_ai.usage.output_tokens")
        .hasBeenStarted()
        .hasBeenStopped();
  }
}
