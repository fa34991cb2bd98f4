package io.fundamentallm.springai;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Answers a conversation, in one go or piece by piece. The package description says how prompts are
 * read and what responses contain.
 *
 * <p>Immutable and thread-safe. The caller must close the generator.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.load(Path.of("model"))) {
 *   ChatModel model = FundamentaLlmChatModel.of(generator);
 *   System.out.println(model.call("What is a truth?"));
 * }
 * }</pre>
 */
public final class FundamentaLlmChatModel implements ChatModel {
  private static final ChatModelObservationConvention CONVENTION =
      new DefaultChatModelObservationConvention();

  private final ChatRequests requests;
  private final Scheduler scheduler;
  private final ObservationRegistry observations;
  private final ChatModelObservationConvention convention;

  private FundamentaLlmChatModel(Builder builder) {
    requests = ChatRequests.of(builder.generator, builder.options, builder.tools);
    scheduler = builder.scheduler;
    observations = builder.observations;
    convention = builder.convention;
  }

  /**
   * Without its own options, unobserved.
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
   * The answer, computed on the calling thread. Calls of tools are part of it; as with Spring AI's
   * other models, a {@code ChatClient} executes them.
   *
   * @throws UnsupportedOperationException for messages that are not text
   * @throws IllegalArgumentException for another model, or a value out of range
   * @throws io.fundamentallm.model.ContextFullException if the conversation alone is longer than
   *     the model's context and no {@link io.fundamentallm.decoding.ContextPolicy} shortens it
   * @throws io.fundamentallm.model.ClosedModelException if the generator is closed
   * @throws java.util.concurrent.CancellationException if the generator's cancellation requests it
   */
  @Override
  public ChatResponse call(Prompt prompt) {
    Prompt complete = requests.complete(requireNonNull(prompt, "prompt"));
    ChatModelObservationContext observed = observed(complete, false);
    return observation(observed)
        .observe(
            () -> {
              try (ChatAnswer answer = requests.start(complete)) {
                ChatResponse response =
                    new ChatResponses(requests.modelName())
                        .whole(answer.message(), answer.generation());
                observed.setResponse(response);
                return response;
              }
            });
  }

  /**
   * The answer in pieces, a new one for each subscriber, computed and signalled on a thread of the
   * scheduler. Nothing is computed beyond what is requested: one request is one piece, which may
   * need several tokens, a call of a tool many. The last response reports what {@link #call} would,
   * and may have no text. Every error is signalled, even that of a refused prompt.
   *
   * <p>Cancelling, from any thread, ends the generation within one token, even during the prompt,
   * and frees its session.
   */
  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    requireNonNull(prompt, "prompt");
    return Flux.deferContextual(
        context -> {
          Prompt complete = requests.complete(prompt);
          ChatModelObservationContext observed = observed(complete, true);
          Observation observation = observation(observed);
          Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
          observation.parentObservation(parent).start();
          return StreamedAnswer.to(complete, requests, observed::setResponse)
              .subscribeOn(scheduler)
              .doOnError(observation::error)
              .doFinally(end -> observation.stop())
              .contextWrite(all -> all.put(ObservationThreadLocalAccessor.KEY, observation));
        });
  }

  /** What applies where a prompt does not say; always with the name of the model. */
  @Override
  public ChatOptions getOptions() {
    return requests.defaults();
  }

  private static ChatModelObservationContext observed(Prompt complete, boolean streaming) {
    return ChatModelObservationContext.builder()
        .prompt(complete)
        .provider(ChatRequests.PROVIDER)
        .streaming(streaming)
        .build();
  }

  private Observation observation(ChatModelObservationContext observed) {
    return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
        convention, CONVENTION, () -> observed, observations);
  }

  /** Collects what is optional. One thread at a time. */
  public static final class Builder {
    private final TextGenerator generator;
    private ChatOptions options = ChatOptions.builder().build();
    private Scheduler scheduler = Schedulers.boundedElastic();
    private ToolCallingManager tools = ToolCallingManager.builder().build();
    private ObservationRegistry observations = ObservationRegistry.NOOP;
    private ChatModelObservationConvention convention = CONVENTION;

    private Builder(TextGenerator generator) {
      this.generator = generator;
    }

    /**
     * What applies where a prompt does not say. The model has the name given here, or otherwise its
     * architecture's, such as {@code llama}.
     */
    public Builder options(ChatOptions options) {
      this.options = requireNonNull(options, "options");
      return this;
    }

    /**
     * Where streams are computed, each of which takes a thread while there is demand. By default
     * {@link Schedulers#boundedElastic()}.
     */
    public Builder scheduler(Scheduler scheduler) {
      this.scheduler = requireNonNull(scheduler, "scheduler");
      return this;
    }

    /** Names the tools that options bring; by default all of them. */
    public Builder toolCallingManager(ToolCallingManager tools) {
      this.tools = requireNonNull(tools, "tools");
      return this;
    }

    /** Who observes requests; nobody by default. */
    public Builder observationRegistry(ObservationRegistry observations) {
      this.observations = requireNonNull(observations, "observations");
      return this;
    }

    /** How observations are named; by default as for Spring AI's other models. */
    public Builder observationConvention(ChatModelObservationConvention convention) {
      this.convention = requireNonNull(convention, "convention");
      return this;
    }

    /**
     * The finished model.
     *
     * @throws IllegalStateException if the model's files have no chat template
     */
    public FundamentaLlmChatModel build() {
      return new FundamentaLlmChatModel(this);
    }
  }
}
