package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;

/** LangChain4j's own tests of a {@link StreamingChatModel}, with no more claimed than it does. */
class StreamingChatModelKitTest extends AbstractStreamingChatModelIT {
  @Override
  protected List<StreamingChatModel> models() {
    return List.of(FundamentaLlmStreamingChatModel.of(KitChat.GENERATOR));
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return FundamentaLlmStreamingChatModel.builder(KitChat.GENERATOR)
        .defaultRequestParameters(parameters)
        .build();
  }

  @Override
  public StreamingChatModel createModelWith(ChatModelListener listener) {
    return FundamentaLlmStreamingChatModel.builder(KitChat.GENERATOR)
        .listeners(List.of(listener))
        .build();
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return ChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  @Override
  protected boolean supportsModelNameParameter() {
    return false; // one model is here
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }

  @Override
  protected boolean supportsToolChoiceRequired() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }
}
