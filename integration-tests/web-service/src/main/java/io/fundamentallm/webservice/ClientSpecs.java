package io.fundamentallm.webservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Recipe;
import io.fundamentallm.Sampler;
import io.fundamentallm.Spec;
import io.fundamentallm.TextGenerator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/**
 * Samplers and decoders that clients write. A spec of theirs reads no file and loads no model, and
 * a constraint that takes long to compile holds up none but those who bring constraints.
 * Thread-safe.
 */
@Component
final class ClientSpecs {
  /** The decoders of this library. What else is on the class path is the operator's alone. */
  private static final Set<String> DECODERS =
      Set.of("sampling", "beam", "contrastive", "speculative");

  /** Options by which the work of a step grows. */
  private static final List<String> WIDTHS = List.of("n", "best-of", "width", "groups", "k");

  /** An automaton over a large vocabulary takes some megabytes, and a client has few formats. */
  private static final int KEPT = 8;

  private static final int COMPILERS = 2;

  private final TextGenerator generator;
  private final Limits limits;

  /** By spec, the one longest unused first. Guarded by itself. */
  private final Map<String, Recipe<Sampler>> recent = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  private final ThreadPoolExecutor compilers =
      new ThreadPoolExecutor(
          COMPILERS,
          COMPILERS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(16),
          work -> {
            Thread thread = new Thread(work, "constraint-compiler");
            thread.setDaemon(true);
            return thread;
          });

  ClientSpecs(TextGenerator generator, ServiceSettings settings) {
    this.generator = generator;
    limits = settings.limits();
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
      throw refused(param, e);
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
   * @param param whose fault it is where the spec is refused
   * @throws ApiException where it is refused, or takes too long
   */
  Recipe<Sampler> sampler(String param, String spec) {
    synchronized (recent) {
      Recipe<Sampler> known = recent.get(spec);
      if (known != null) {
        return known;
      }
    }
    Future<Recipe<Sampler>> compiling = null;
    try {
      compiling = compilers.submit(() -> generator.withSampler(spec).options().sampler());
      Recipe<Sampler> compiled =
          compiling.get(limits.compilation().toNanos(), TimeUnit.NANOSECONDS);
      keep(spec, compiled);
      return compiled;
    } catch (ExecutionException e) {
      throw refused(param, requireNonNull(e.getCause()));
    } catch (TimeoutException e) {
      compiling.cancel(true);
      throw ApiException.invalid(
          param,
          "'"
              + param
              + "' took longer than "
              + limits.compilation().toMillis()
              + " ms to compile: make it simpler");
    } catch (RejectedExecutionException e) {
      throw ApiException.busy("too many constraints are being compiled; send this one again later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.late("the service is being stopped");
    }
  }

  private void keep(String spec, Recipe<Sampler> compiled) {
    synchronized (recent) {
      recent.put(spec, compiled);
      if (recent.size() > KEPT) {
        Iterator<String> eldest = recent.keySet().iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  private static RuntimeException refused(String param, Throwable cause) {
    if (cause instanceof IllegalArgumentException || cause instanceof ProviderException) {
      return ApiException.invalid(param, "'" + param + "' is refused: " + cause.getMessage());
    } else if (cause instanceof StackOverflowError) {
      return ApiException.invalid(param, "'" + param + "' is nested too deeply");
    } else if (cause instanceof Error error) {
      throw error;
    }
    return (RuntimeException) cause;
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
      throw refused("decoder", e);
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

  /** A value in the notation of specs. */
  static String quoted(String text) {
    return '"'
        + text.replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
        + '"';
  }
}
