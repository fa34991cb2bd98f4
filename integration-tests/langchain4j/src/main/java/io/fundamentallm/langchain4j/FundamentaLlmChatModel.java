package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNull;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.text.ChatPrompt;
import java.util.List;
import java.util.Set;

/**
 * Answers a conversation, on the calling thread. The package description says how requests are read
 * and what responses contain.
 *
 * <p>Immutable and thread-safe. The caller must close the generator.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.load(Path.of("model"))) {
 *   ChatModel model = FundamentaLlmChatModel.of(generator);
 *   System.out.println(model.chat("What is a truth?"));
 * }
 * }</pre>
 */
public final class FundamentaLlmChatModel implements ChatModel {
  private final ChatRequests requests;

  private FundamentaLlmChatModel(ChatRequests requests) {
    this.requests = requests;
  }

  /**
   * Without default parameters and listeners.
   *
   * @throws IllegalStateException if the model's files have no chat template
   */
  public static FundamentaLlmChatModel of(TextGenerator generator) {
    return builder(generator).build();
  }

  /** Begins a model of this generator. */
  public static Builder builder(TextGenerator generator) {
    return new Builder(requireNonNull(generator, "generator"));
  }

  /**
   * The answer to a request that already has its defaults; {@link #chat(ChatRequest)} adds them and
   * notifies the listeners.
   *
   * @throws dev.langchain4j.exception.UnsupportedFeatureException for models that are not here, and
   *     contents other than text
   * @throws java.util.concurrent.CancellationException if the generator's cancellation requests it
   */
  @Override
  public ChatResponse doChat(ChatRequest request) {
    ChatPrompt prompt = requests.prompt(request);
    try (ChatAnswer answer = requests.start(prompt, request.parameters())) {
      return requests.response(answer.message(), answer.generation(), request.parameters());
    }
  }

  /** What applies where a request does not say; always with the name of the model. */
  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return requests.defaults();
  }

  /** Notified of requests, responses and errors, on the calling thread. */
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
    private Builder(TextGenerator generator) {
      super(generator);
    }

    @Override
    Builder self() {
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
    public FundamentaLlmChatModel build() {
      return new FundamentaLlmChatModel(requests());
    }
  }
}
