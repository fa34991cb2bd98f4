package io.fundamentallm.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** LangChain4j's own tests of an {@link EmbeddingModel}, with no more claimed than it does. */
class EmbeddingModelKitTest extends AbstractEmbeddingModelIT {
  private static final TextGenerator GENERATOR = TinyChat.load();

  @AfterAll
  static void close() {
    GENERATOR.close();
  }

  @Override
  protected List<EmbeddingModel> models() {
    return List.of(builder().build());
  }

  @Override
  protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
    return builder().listeners(List.of(listener)).build();
  }

  @Override
  protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
    TextGenerator closed = TinyChat.load();
    EmbeddingModel model =
        FundamentaLlmEmbeddingModel.builder(closed).listeners(List.of(listener)).build();
    closed.close();
    return model;
  }

  private static FundamentaLlmEmbeddingModel.Builder builder() {
    return FundamentaLlmEmbeddingModel.builder(GENERATOR)
        .prefix(EmbeddingInputType.QUERY, "query: ")
        .prefix(EmbeddingInputType.DOCUMENT, "passage: ");
  }

  @Override
  protected boolean supportsInputTypeParameter() {
    return true;
  }

  @Override
  protected boolean supportsDimensionsParameter() {
    return false; // a vector has as many as the model's hidden states
  }

  @Override
  protected boolean supportsImageInput() {
    return false;
  }
}
