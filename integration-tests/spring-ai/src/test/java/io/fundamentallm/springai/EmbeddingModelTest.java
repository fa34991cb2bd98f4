package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.TokenCountBatchingStrategy;

class EmbeddingModelTest {
  @Test
  void vectors_are_those_of_the_embedder() throws Exception {
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      TextEmbedder embedder = TextEmbedder.of(generator.tokenizer(), generator.model());
      EmbeddingModel model = FundamentaLlmEmbeddingModel.of(embedder, generator.model().info());
      float[] ann = embedder.embed("I am Ann");
      float[] bob = embedder.embed("I am Bob");

      assertThat(model.embed("I am Ann")).isEqualTo(ann);
      assertThat(model.embed(List.of("I am Ann", "I am Bob"))).containsExactly(ann, bob);
      assertThat(model.embed(new Document("I am Bob"))).isEqualTo(bob);
      assertThat(
              model.embed(
                  List.of(new Document("I am Ann"), new Document("I am Bob")),
                  EmbeddingOptions.builder().model("llama").dimensions(64).build(),
                  new TokenCountBatchingStrategy()))
          .containsExactly(ann, bob);
    }
  }

  @Test
  void the_usage_counts_the_tokens_read() throws Exception {
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      TextEmbedder embedder = TextEmbedder.of(generator.tokenizer(), generator.model());
      EmbeddingModel model = FundamentaLlmEmbeddingModel.of(embedder, generator.model().info());
      Usage usage =
          model.embedForResponse(List.of("I am Ann", "I am Bob too")).getMetadata().getUsage();
      int begin = generator.tokenizer().beginToken().isPresent() ? 1 : 0;
      int read =
          2 * begin
              + generator.tokenizer().encode("I am Ann").length
              + generator.tokenizer().encode("I am Bob too").length;
      assertThat(usage.getPromptTokens()).isEqualTo(read).isPositive();
      assertThat(usage.getTotalTokens()).isEqualTo(read);
      assertThat(usage.getCompletionTokens()).isZero();
    }
  }

  @Test
  void what_the_model_is_not_is_refused_before_anything_is_computed() throws Exception {
    EmbeddingModel model;
    try (TextGenerator generator = TinyChat.load(TinyChat.greedy())) {
      model =
          FundamentaLlmEmbeddingModel.of(
              TextEmbedder.of(generator.tokenizer(), generator.model()), generator.model().info());
    }
    // the model is closed: whatever would compute fails by that
    assertRefused(
        model,
        EmbeddingOptions.builder().model("text-embedding-3-small"),
        "text-embedding-3-small",
        "llama");
    assertRefused(model, EmbeddingOptions.builder().dimensions(3), "3 dimensions", "64");
    assertThat(model.dimensions()).isEqualTo(64);
    assertThatThrownBy(() -> model.embed("I am Ann"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private static void assertRefused(
      EmbeddingModel model, EmbeddingOptions.Builder options, String... reasons) {
    EmbeddingRequest request = new EmbeddingRequest(List.of("I am Ann"), options.build());
    assertThatThrownBy(() -> model.call(request))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(reasons);
  }
}
