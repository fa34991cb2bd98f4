package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.fundamentallm.TextGenerator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Answers a conversation piece by piece, on threads of its executor. The package description says
 * how requests are read and what responses contain.
 *
 * <p>A handler is called by one thread. A piece never ends within a code point, and text that may
 * still become a stop sequence is held back. Arguments of a call come in pieces, none of which is
 * the opening brace alone, and then the whole call. {@code chat} itself refuses what no model of
 * this library can do, such as images, before it calls the handler, as with LangChain4j's other
 * models; every other error goes to {@code onError}. Exceptions from the handler go there too, and
 * the answer continues; exceptions from {@code onError} go to the thread's handler of uncaught
 * exceptions.
 *
 * <p>The handle that comes with each piece cancels the generation, from any thread, within one
 * token. After that, the handler and the listeners are not called again.
 *
 * <p>Immutable and thread-safe. The caller must close the generator.
 */
public final class FundamentaLlmStreamingChatModel implements StreamingChatModel {
  private final ChatRequests requests;
  private final Executor executor;

  private FundamentaLlmStreamingChatModel(ChatRequests requests, Executor executor) {
    this.requests = requests;
    this.executor = executor;
  }

  /**
   * Without default parameters and listeners.
   *
   * @throws IllegalStateException if the model's files have no chat template
   */
  public static FundamentaLlmStreamingChatModel of(TextGenerator generator) {
    return builder(generator).build();
  }

  /** Begins a model of this generator. */
  public static Builder builder(TextGenerator generator) {
    return new Builder(requireNonNull(generator, "generator"));
  }

  /**
   * Streams the answer to a request that already has its defaults; {@link #chat(ChatRequest,
   * StreamingChatResponseHandler)} adds them and notifies the listeners. Returns at once, unless
   * the executor runs its tasks on the caller's thread.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException for models that are not here, and
   *     contents other than text
   */
  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    requireNonNull(request, "request");
    requireNonNull(handler, "handler");
    try {
      executor.execute(
          new StreamedAnswer(requests, requests.prompt(request), request.parameters(), handler));
    } catch (IllegalArgumentException | RejectedExecutionException e) {
      handler.onError(e);
    }
  }

  /** What applies where a request does not say; always with the name of the model. */
  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return requests.defaults();
  }

  /**
   * Notified of requests on the calling thread, of responses and errors on the answer's thread. If
   * {@code chat} itself refuses a request, they see only the request, as with LangChain4j's other
   * models.
   */
  @Override
  public List<ChatModelListener> listeners() {
    return requests.listeners();
  }

  /** JSON schemas, if the constraint {@code chat-answer} is found. */
  @Override
  public Set<Capability> supportedCapabilities() {
    return requests.capabilities();
  }

  /** Collects what is optional. One thread at a time. */
  public static final class Builder extends ChatModelBuilder<Builder> {
    private Executor executor = Builder::onDaemonThread;

    private Builder(TextGenerator generator) {
      super(generator);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Runs the answers, each of which takes a thread until it is complete. By default each gets its
     * own daemon thread.
     */
    public Builder executor(Executor executor) {
      this.executor = requireNonNull(executor, "executor");
      return this;
    }

    /**
     * The finished model.
     *
     * @throws IllegalStateException if the model's files have no chat template
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the default parameters ask
     *     for a model that is not here
     * @throws IllegalArgumentException if two models have the same name
     */
    public FundamentaLlmStreamingChatModel build() {
      return new FundamentaLlmStreamingChatModel(requests(), executor);
    }

    private static void onDaemonThread(Runnable answer) {
      Thread thread = new Thread(answer, "fundamentallm-langchain4j");
      thread.setDaemon(true);
      thread.start();
    }
  }
}
