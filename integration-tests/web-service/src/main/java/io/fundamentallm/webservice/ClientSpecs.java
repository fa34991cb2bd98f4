package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Recipe;
import io.fundamentallm.Sampler;
import io.fundamentallm.Spec;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.TokenConstraint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Samplers and decoders that clients write. A spec of theirs reads no file and loads no model.
 * Thread-safe.
 */
@Component
final class ClientSpecs {
  /** The decoders of this library. What else is on the class path is the operator's alone. */
  private static final Set<String> DECODERS =
      Set.of("sampling", "beam", "contrastive", "speculative");

  /** Options by which the work of a step grows. */
  private static final List<String> WIDTHS = List.of("n", "best-of", "width", "groups", "k");

  private final Limits limits;
  private final SpecCompiler<Recipe<Sampler>> samplers;
  private final SpecCompiler<Recipe<TokenConstraint>> constraints;

  ClientSpecs(TextGenerator generator, ServiceSettings settings) {
    limits = settings.limits();
    samplers = new SpecCompiler<>(spec -> generator.withSampler(spec).options().sampler(), limits);
    constraints =
        new SpecCompiler<>(
            spec -> generator.withConstraint(spec).options().constraint().orElseThrow(), limits);
  }

  /**
   * The stages of a spec, in which nothing was read yet but the spec itself.
   *
   * @throws ApiException where it is too long, malformed, or names a file
   */
  private List<Spec.Stage> stages(String param, String spec) {
    long most = limits.spec().toBytes();
    if (spec.length() > most) {
      throw ApiException.invalid(
          param, "'" + param + "' is longer than " + most + " characters, the most allowed here");
    }
    if (namesFile(spec)) {
      throw ApiException.invalid(
          param,
          "'"
              + param
              + "' has a value that begins with @, which stands for a file: write the"
              + " text itself, in quotes");
    }
    try {
      return Spec.parse(spec).stages();
    } catch (IllegalArgumentException e) {
      throw SpecCompiler.refused(param, e);
    }
  }

  /**
   * Whether an @ stands outside of quotes. In the notation of specs that is a file's name, or else
   * within a bare word, which quotes can hold as well.
   */
  private static boolean namesFile(String spec) {
    boolean quoted = false;
    for (int i = 0; i < spec.length(); i++) {
      char c = spec.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '@' && !quoted) {
        return true;
      }
    }
    return false;
  }

  /**
   * Checks a client's sampler spec before anything is made of it.
   *
   * @throws ApiException where it is refused
   */
  void checkSampler(String spec) {
    for (Spec.Stage stage : stages("sampler", spec)) {
      String schema = stage.options().get("value");
      if (stage.name().equals("json-schema") && schema != null) {
        SchemaGuard.checked("sampler", JsonBodies.tree("sampler", schema.getBytes(UTF_8)), limits);
      }
    }
  }

  /**
   * The sampler of a spec that was checked.
   *
   * @throws ApiException where it is refused, or takes too long
   */
  Recipe<Sampler> sampler(String spec) {
    return samplers.compile("sampler", spec);
  }

  /**
   * The constraint of a spec that the service wrote.
   *
   * @param param whose fault it is where what the client wrote in it is refused
   * @throws ApiException where it is refused, or takes too long
   */
  Recipe<TokenConstraint> constraint(String param, String spec) {
    return constraints.compile(param, spec);
  }

  /**
   * The generator with a client's decoder.
   *
   * @throws ApiException where the spec is refused
   */
  TextGenerator decoder(TextGenerator of, String spec) {
    stages("decoder", spec).forEach(this::checkDecoder);
    try {
      return of.withDecoder(spec);
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
    if (stage.options().containsKey("model")) {
      throw ApiException.invalid(
          "decoder", "'decoder' has the option model, which loads a model: leave it out");
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

  private static boolean isAtMost(String value, int most) {
    try {
      return Integer.parseInt(value) <= most;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** How many continuations a decoder brings. */
  static int sequences(String decoder) {
    Map<String, String> options = Spec.parse(decoder).stages().get(0).options();
    return Integer.parseInt(options.getOrDefault("n", "1"));
  }
}
