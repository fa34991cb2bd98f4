package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;

/** LangChain4j's own tests of a {@link ChatModel}, with no more claimed than it does. */
class ChatModelKitTest extends AbstractChatModelIT {
  @Override
  protected List<ChatModel> models() {
    return List.of(
        FundamentaLlmChatModel.builder(KitChat.GENERATOR)
            .model(customModelName(), KitChat.GENERATOR)
            .build());
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return FundamentaLlmChatModel.builder(KitChat.GENERATOR)
        .model(customModelName(), KitChat.GENERATOR)
        .defaultRequestParameters(parameters)
        .build();
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return FundamentaLlmChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  @Override
  protected String customModelName() {
    return "other";
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
