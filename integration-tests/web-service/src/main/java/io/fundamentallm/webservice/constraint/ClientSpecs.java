package io.fundamentallm.webservice.constraint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.Spec;
import io.fundamentallm.model.SpecFiles;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.JsonBodies;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Samplers and decoders that clients write. Their specs cannot read files or load models.
 * Thread-safe.
 */
public final class ClientSpecs implements AutoCloseable {
  /** The decoders of this library. Others on the class path are only for the operator. */
  private static final Set<String> DECODERS =
      Set.of("sampling", "beam", "contrastive", "speculative");

  /**
   * Options that increase the work for a token, and the memory used besides keys and values: rows
   * of logits, and what is remembered about each token.
   */
  private static final List<String> WIDTHS =
      List.of("n", "best-of", "width", "groups", "k", "tokens", "max-n");

  /** Stages that say what the whole text is. */
  private static final Set<String> CONSTRAINTS =
      Set.of("chat-answer", "choice", "grammar", "json", "json-object", "json-schema", "regex");

  /** Stages that compile nothing and always leave a token, whatever the scores are. */
  private static final Set<String> PLAIN =
      Set.of(
          "temperature",
          "dynamic-temperature",
          "top-k",
          "top-p",
          "top-a",
          "top-n-sigma",
          "min-p",
          "typical",
          "tail-free",
          "epsilon",
          "eta",
          "xtc",
          "mirostat",
          "repetition-penalty",
          "frequency-penalty",
          "presence-penalty",
          "keep-best",
          "greedy",
          "draw");

  /** Decoders that need something that not every model can do. */
  private static final Map<String, Capability> NEEDED =
      Map.of("speculative", Capability.TRUNCATE, "contrastive", Capability.HIDDEN_STATES);

  private final Limits limits;
  private final Registry registry;
  private final TextGenerator generator;
  private final SpecCompiler<Recipe<Sampler>> samplers;
  private final SpecCompiler<Recipe<TokenConstraint>> constraints;

  /** Any JSON object, once requested. Guarded by this. */
  private @Nullable Recipe<TokenConstraint> json;

  public ClientSpecs(TextGenerator generator, ServiceSettings settings) {
    limits = settings.limits();
    registry = Registry.standard().withFiles(SpecFiles.none());
    this.generator = generator.withRegistry(registry);
    samplers =
        new SpecCompiler<>(
            spec -> bound(this.generator.withSampler(spec).options().sampler()),
            limits.compilation());
    constraints = new SpecCompiler<>(this::compiled, limits.compilation());
    try { // work done once for each vocabulary is not charged to a client
      json();
      if (generator.tokenizer().chatTemplate().isPresent()) {
        this.generator
            .chatConstraint(
                ChatPrompt.builder(List.of(ChatMessage.user("?"))).answerSchema("{}").build())
            .ifPresent(this::compiled);
      }
    } catch (RuntimeException e) {
      // reported to the client that asks for it
    }
  }

  /**
   * The recipe, after it was used once: only then is a token found that the vocabulary lacks, and
   * most of a constraint's work is done, for all later uses.
   */
  private <T> Recipe<T> bound(Recipe<T> recipe) {
    recipe.bind(Binding.of(generator.model().info(), generator.tokenizer()));
    return recipe;
  }

  /**
   * The stages of a spec; files that it names are not read, and are refused when it is used.
   *
   * @throws ApiException if it is too long or malformed
   */
  private List<Spec.Stage> stages(String param, String spec) {
    long max = limits.spec().toBytes();
    if (spec.length() > max) {
      throw ApiException.invalid(
          param, "'" + param + "' is longer than " + max + " characters, the most allowed here");
    }
    try {
      return Spec.parse(spec).stages();
    } catch (IllegalArgumentException e) {
      throw SpecCompiler.refused(param, e);
    }
  }

  /**
   * Whether a valid spec has only stages that compile nothing and always leave a token, whatever
   * the scores are. For stages from elsewhere that is not known.
   */
  public static boolean isPlain(String spec) {
    return isPlain(Spec.parse(spec).stages());
  }

  private static boolean isPlain(List<Spec.Stage> stages) {
    return stages.stream().allMatch(stage -> PLAIN.contains(stage.name()));
  }

  /** The first stage of a valid spec that says what the whole text is. */
  public static Optional<String> constraint(String spec) {
    return Spec.parse(spec).stages().stream()
        .map(Spec.Stage::name)
        .filter(CONSTRAINTS::contains)
        .findFirst();
  }

  /**
   * The sampler of a client's spec.
   *
   * @throws ApiException if it is refused, or takes too long
   */
  public Recipe<Sampler> sampler(String spec) {
    List<Spec.Stage> stages = stages("sampler", spec);
    if (isPlain(stages)) {
      try {
        return bound(generator.withSampler(spec).options().sampler());
      } catch (IllegalArgumentException | ProviderException e) {
        throw SpecCompiler.refused("sampler", e);
      }
    }
    for (Spec.Stage stage : stages) {
      String schema = stage.options().get("value");
      if (stage.name().equals("json-schema")
          && schema != null
          && !stage.files().contains("value")) {
        SchemaGuard.checked("sampler", JsonBodies.tree("sampler", schema.getBytes(UTF_8)), limits);
      }
    }
    return samplers.compile("sampler", spec);
  }

  /**
   * The constraint of a response's format. "Any JSON object" never waits for a client's schema.
   *
   * @throws ApiException if the client's schema is refused, or takes too long
   */
  public Recipe<TokenConstraint> format(String spec) {
    return spec.equals(ResponseFormats.JSON)
        ? json()
        : constraints.compile("response_format", spec);
  }

  /**
   * The constraint of a chat's answer.
   *
   * @param param the field that is at fault if it is refused
   * @throws ApiException if a schema in it is refused, or takes too long
   */
  public Recipe<TokenConstraint> answer(String param, String spec) {
    return constraints.compile(param, spec);
  }

  /**
   * The constraint of a chat's answer that has no client's schema, and so waits for none.
   *
   * @throws ApiException if it is refused
   */
  public Recipe<TokenConstraint> known(String param, String spec) {
    try {
      return compiled(spec);
    } catch (IllegalArgumentException | IllegalStateException | ProviderException e) {
      throw SpecCompiler.refused(param, e);
    }
  }

  /** Ends the compiler threads when the service has ended. */
  @Override
  public void close() {
    samplers.close();
    constraints.close();
  }

  private synchronized Recipe<TokenConstraint> json() {
    Recipe<TokenConstraint> known = json;
    if (known == null) {
      known = compiled(ResponseFormats.JSON);
      json = known;
    }
    return known;
  }

  private Recipe<TokenConstraint> compiled(String spec) {
    return bound(generator.withConstraint(spec).options().constraint().orElseThrow());
  }

  /**
   * The generator with a client's decoder.
   *
   * @throws ApiException if the spec is refused
   */
  public TextGenerator decoder(TextGenerator of, String spec) {
    List<Spec.Stage> stages = stages("decoder", spec);
    stages.forEach(this::checkDecoder);
    try {
      TextGenerator refusingFiles = of.withRegistry(registry);
      TextGenerator asked = refusingFiles.withDecoder(spec);
      String bestOf = stages.get(0).options().get("best-of");
      return bestOf == null ? asked : refusingFiles.withDecoder(bestOf(Integer.parseInt(bestOf)));
    } catch (IllegalArgumentException | ProviderException e) {
      throw SpecCompiler.refused("decoder", e);
    }
  }

  private void checkDecoder(Spec.Stage stage) {
    if (!DECODERS.contains(stage.name())) {
      throw ApiException.invalid(
          "decoder",
          "'decoder' must be one of sampling, beam, contrastive and speculative, but is '"
              + stage.name()
              + "'");
    }
    Capability needed = NEEDED.get(stage.name());
    if (needed != null && !generator.model().info().capabilities().contains(needed)) {
      throw ApiException.invalid(
          "decoder",
          "'decoder' is "
              + stage.name()
              + ", which needs "
              + needed
              + "; the model that is served here cannot do that: take another decoder");
    }
    if (stage.options().containsKey("draft")) {
      throw ApiException.invalid(
          "decoder", "'decoder' has the option draft, which loads a model: leave it out");
    }
    for (String width : WIDTHS) {
      String value = stage.options().get(width);
      if (value != null && !isAtMost(value, limits.sequences())) {
        throw ApiException.invalid(
            "decoder",
            "the option "
                + width
                + " of 'decoder' must be a whole number up to "
                + limits.sequences());
      }
    }
  }

  private static boolean isAtMost(String value, int max) {
    try {
      return Integer.parseInt(value) <= max;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Writes several and returns them all, best first, so that those not chosen can be counted. */
  public static String bestOf(int count) {
    return "sampling(best-of=" + count + ",n=" + count + ")";
  }

  /** How many continuations a decoder returns. */
  public static int sequences(String decoder) {
    Map<String, String> options = Spec.parse(decoder).stages().get(0).options();
    return Integer.parseInt(options.getOrDefault("n", "1"));
  }
}
