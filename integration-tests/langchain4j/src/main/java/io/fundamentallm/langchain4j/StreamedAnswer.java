package io.fundamentallm.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.text.ChatPrompt;
import org.jspecify.annotations.Nullable;

/** One answer on its way to its handler. Run once; can be cancelled from any thread. */
final class StreamedAnswer implements Runnable, StreamingHandle {
  private final ChatRequests requests;
  private final ChatPrompt prompt;
  private final ChatRequestParameters parameters;
  private final StreamingChatResponseHandler handler;

  /** The last call, and what the handler wasn't told yet of its arguments. */
  private ChatPart.CallBegin call = new ChatPart.CallBegin(0, "", "");

  private String arguments = "";
  private volatile @Nullable ChatAnswer answer;
  private volatile boolean cancelled;

  StreamedAnswer(
      ChatRequests requests,
      ChatPrompt prompt,
      ChatRequestParameters parameters,
      StreamingChatResponseHandler handler) {
    this.requests = requests;
    this.prompt = prompt;
    this.parameters = parameters;
    this.handler = handler;
  }

  @Override
  public void run() {
    ChatResponse response;
    try (ChatAnswer started = requests.start(prompt, parameters)) {
      answer = started; // before the first piece, which gives others the handle
      stream(started);
      response = requests.response(started.message(), started.generation(), parameters);
    } catch (RuntimeException | Error e) {
      fail(e);
      return;
    }
    tell(() -> handler.onCompleteResponse(response));
  }

  private void stream(ChatAnswer started) {
    while (started.hasNext()) {
      ChatPart part = started.next();
      if (part instanceof ChatPart.Text more) {
        tell(
            () ->
                handler.onPartialResponse(
                    new PartialResponse(more.text()), new PartialResponseContext(this)));
      } else if (part instanceof ChatPart.Thinking more) {
        tell(
            () ->
                handler.onPartialThinking(
                    new PartialThinking(more.text()), new PartialThinkingContext(this)));
      } else if (part instanceof ChatPart.CallBegin begun) {
        call = begun;
        arguments = "";
      } else if (part instanceof ChatPart.CallArguments more) {
        arguments += more.json();
        tellOfArguments();
      } else if (part instanceof ChatPart.CallEnd end) {
        CompleteToolCall whole = new CompleteToolCall(end.index(), Messages.request(end.call()));
        tell(() -> handler.onCompleteToolCall(whole));
      }
    }
  }

  private void tellOfArguments() {
    if (arguments.equals("{")) {
      return; // it says nothing; and a call without arguments is one piece, as from others
    }
    PartialToolCall piece =
        PartialToolCall.builder()
            .index(call.index())
            .id(call.id())
            .name(call.name())
            .partialArguments(arguments)
            .build();
    arguments = "";
    tell(() -> handler.onPartialToolCall(piece, new PartialToolCallContext(this)));
  }

  @Override
  public void cancel() {
    cancelled = true;
    ChatAnswer present = answer;
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
