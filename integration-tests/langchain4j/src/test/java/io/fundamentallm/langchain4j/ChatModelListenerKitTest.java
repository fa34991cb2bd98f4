package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.fundamentallm.TextGenerator;
import java.util.List;
import java.util.concurrent.CancellationException;

/** LangChain4j's own tests of what listeners hear of a {@link ChatModel}. */
class ChatModelListenerKitTest extends AbstractChatModelListenerIT {
  @Override
  protected ChatModel createModel(ChatModelListener listener) {
    return model(KitChat.GENERATOR, listener);
  }

  @Override
  protected ChatModel createFailingModel(ChatModelListener listener) {
    return model(KitChat.GENERATOR.with(options -> options.cancellation(() -> true)), listener);
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return CancellationException.class;
  }

  @Override
  protected String modelName() {
    return "llama";
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }

  private FundamentaLlmChatModel model(TextGenerator generator, ChatModelListener listener) {
    return FundamentaLlmChatModel.builder(generator)
        .defaultRequestParameters(
            ChatRequestParameters.builder()
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .build())
        .listeners(List.of(listener))
        .build();
  }
}
