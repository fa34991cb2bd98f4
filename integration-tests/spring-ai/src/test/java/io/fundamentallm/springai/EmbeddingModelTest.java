package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.TokenCountBatchingStrategy;

class EmbeddingModelTest {
  @Test
  void vectors_are_those_of_the_embedder() throws Exception {
    try (TextGenerator generator = TinyChat.load()) {
      TextEmbedder embedder = TextEmbedder.of(generator.tokenizer(), generator.model());
      EmbeddingModel model = FundamentaLlmEmbeddingModel.of(embedder);
      float[] ann = embedder.embed("I am Ann");
      float[] bob = embedder.embed("I am Bob");

      assertThat(model.dimensions()).isEqualTo(64);
      assertThat(model.embed("I am Ann")).isEqualTo(ann);
      assertThat(model.embed(List.of("I am Ann", "I am Bob"))).containsExactly(ann, bob);
      assertThat(model.embed(new Document("I am Bob"))).isEqualTo(bob);
      assertThat(
              model.embed(
                  List.of(new Document("I am Ann"), new Document("I am Bob")),
                  EmbeddingOptions.builder().dimensions(64).build(),
                  new TokenCountBatchingStrategy()))
          .containsExactly(ann, bob);
      EmbeddingRequest less =
          new EmbeddingRequest(
              List.of("I am Ann"), EmbeddingOptions.builder().dimensions(3).build());
      assertThatThrownBy(() -> model.call(less))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("3 dimensions", "64");
    }
  }
}
