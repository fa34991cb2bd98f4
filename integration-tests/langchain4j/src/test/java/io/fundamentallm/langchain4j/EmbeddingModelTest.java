package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import io.fundamentallm.Pooling;
import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class EmbeddingModelTest {
  @AutoClose private final TextGenerator generator = TinyChat.load();
  private final TextEmbedder embedder = TextEmbedder.of(generator.tokenizer(), generator.model());

  @Test
  void vectors_and_tokens_are_the_embedders() {
    EmbeddingModel model = FundamentaLlmEmbeddingModel.of(generator);
    EmbeddingResponse response =
        model.embed(EmbeddingRequest.builder().inputs("I am Ann", "I am Bob").build());

    assertThat(response.embeddings().get(0).vector()).isEqualTo(embedder.embed("I am Ann"));
    assertThat(response.embeddings().get(1).vector()).isEqualTo(embedder.embed("I am Bob"));
    assertThat(response.tokenUsage().inputTokenCount())
        .isEqualTo(embedder.count("I am Ann") + embedder.count("I am Bob"));
    assertThat(response.modelName()).isEqualTo("llama");
    assertThat(model.dimension()).isEqualTo(64);
  }

  @Test
  void pooling_and_prefixes_are_the_builders() {
    EmbeddingModel model =
        FundamentaLlmEmbeddingModel.builder(generator)
            .embedder(of -> of.withPooling(Pooling.LAST))
            .prefix(EmbeddingInputType.QUERY, "I am ")
            .modelName("tiny")
            .build();
    EmbeddingRequest.Builder ann = EmbeddingRequest.builder().input("Ann");

    assertThat(model.embed(ann.inputType(EmbeddingInputType.QUERY).build()).embeddings().get(0))
        .isEqualTo(model.embed("I am Ann").content());
    assertThat(model.embed("I am Ann").content().vector())
        .isEqualTo(embedder.withPooling(Pooling.LAST).embed("I am Ann"));
    assertThat(model.modelName()).isEqualTo("tiny");
  }

  @Test
  void a_store_finds_the_text_itself_first() {
    EmbeddingModel model = FundamentaLlmEmbeddingModel.of(generator);
    InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
    for (String text : List.of("I am Ann", "who am I", "a seat")) {
      TextSegment segment = TextSegment.from(text);
      store.add(model.embed(segment).content(), segment);
    }

    assertThat(
            store
                .search(
                    EmbeddingSearchRequest.builder()
                        .queryEmbedding(model.embed("who am I").content())
                        .maxResults(1)
                        .build())
                .matches())
        .extracting(match -> match.embedded().text())
        .containsExactly("who am I");
  }

  @Test
  void what_the_model_is_not_is_refused() {
    EmbeddingModel model = FundamentaLlmEmbeddingModel.of(generator);
    EmbeddingRequest.Builder ann = EmbeddingRequest.builder().input("I am Ann");

    assertThatThrownBy(() -> model.embed(ann.modelName("gpt-5").build()))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContainingAll("gpt-5", "llama");
    assertThatThrownBy(
            () ->
                model.embed(
                    EmbeddingRequest.builder()
                        .input("I am Ann")
                        .inputType(EmbeddingInputType.QUERY)
                        .build()))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(
            () ->
                model.embed(
                    EmbeddingRequest.builder()
                        .input(ImageContent.from("https://example.com/picture.png"))
                        .build()))
        .isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> model.embed("I am Ann ".repeat(100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("context");
  }
}
