package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.ChatMessage;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** One answer on its way to its handler. Run once; can be cancelled from any thread. */
final class StreamedAnswer implements Runnable, StreamingHandle {
  private final ChatRequests requests;
  private final List<ChatMessage> turns;
  private final ChatRequestParameters parameters;
  private final StreamingChatResponseHandler handler;
  private volatile @Nullable Generation generation;
  private volatile boolean cancelled;

  StreamedAnswer(
      ChatRequests requests,
      List<ChatMessage> turns,
      ChatRequestParameters parameters,
      StreamingChatResponseHandler handler) {
    this.requests = requests;
    this.turns = turns;
    this.parameters = parameters;
    this.handler = handler;
  }

  @Override
  public void run() {
    ChatResponse response;
    try (Generation started = requests.start(turns, parameters)) {
      generation = started; // before the first piece, which gives others the handle
      String text = stream(started);
      response = requests.response(text, started);
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    tell(() -> handler.onCompleteResponse(response));
  }

  private String stream(Generation started) {
    StringBuilder text = new StringBuilder();
    PartialResponseContext context = new PartialResponseContext(this);
    while (started.hasNext()) {
      String piece = started.next().text();
      if (!piece.isEmpty()) {
        text.append(piece);
        tell(() -> handler.onPartialResponse(new PartialResponse(piece), context));
      }
    }
    if (started.finishReason() == FinishReason.CANCELLED) {
      throw new CancellationException("the generation was cancelled by its options");
    }
    return text.toString();
  }

  @Override
  public void cancel() {
    cancelled = true;
    Generation present = generation;
    if (present != null) {
      present.close();
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  private void tell(Runnable signal) {
    if (cancelled) {
      return;
    }
    try {
      signal.run();
    } catch (Exception e) { // checked ones too, which Kotlin and Lombok let through
      fail(e);
    }
  }

  private void fail(Throwable reason) {
    if (cancelled) {
      return;
    }
    try {
      handler.onError(reason);
    } catch (Exception e) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }
}
