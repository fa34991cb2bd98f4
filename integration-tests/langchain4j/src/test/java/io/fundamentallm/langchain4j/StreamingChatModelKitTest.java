package io.fundamentallm.langchain4j;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.Mockito.atLeast;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import org.mockito.InOrder;

/** LangChain4j's own tests of a {@link StreamingChatModel}, with no more claimed than it does. */
class StreamingChatModelKitTest extends AbstractStreamingChatModelIT {
  @Override
  protected List<StreamingChatModel> models() {
    return List.of(
        FundamentaLlmStreamingChatModel.builder(KitChat.GENERATOR)
            .model(customModelName(), KitChat.GENERATOR)
            .build());
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return FundamentaLlmStreamingChatModel.builder(KitChat.GENERATOR)
        .model(customModelName(), KitChat.GENERATOR)
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
    return FundamentaLlmChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
  }

  @Override
  protected String customModelName() {
    return "other";
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder inOrder, String id) {
    verifyCall(handler, inOrder, 0, id, "getWeather", "{\"city\": \"Munich\"}");
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder inOrder, String id1, String id2) {
    verifyToolCallbacks(handler, inOrder, id1);
    verifyCall(handler, inOrder, 1, id2, "getTime", "{\"country\": \"France\"}");
  }

  /** Pieces of this call alone, in any number, and then the whole of it. */
  private static void verifyCall(
      StreamingChatResponseHandler handler,
      InOrder inOrder,
      int index,
      String id,
      String name,
      String arguments) {
    inOrder
        .verify(handler, atLeast(2))
        .onPartialToolCall(
            argThat(
                piece ->
                    piece.index() == index && piece.id().equals(id) && piece.name().equals(name)),
            any());
    inOrder.verify(handler).onCompleteToolCall(complete(index, id, name, arguments));
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
