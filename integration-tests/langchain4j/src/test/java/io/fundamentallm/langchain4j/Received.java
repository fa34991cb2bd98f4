package io.fundamentallm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Writes down what a handler is told. */
class Received implements StreamingChatResponseHandler {
  final List<String> pieces = new ArrayList<>();
  final List<Throwable> errors = new ArrayList<>();
  ChatResponse response;
  private final CountDownLatch over = new CountDownLatch(1);

  @Override
  public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
    pieces.add(piece.text());
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    this.response = response;
    over.countDown();
  }

  @Override
  public void onError(Throwable error) {
    errors.add(error);
    over.countDown();
  }

  void await() {
    try {
      assertThat(over.await(20, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
