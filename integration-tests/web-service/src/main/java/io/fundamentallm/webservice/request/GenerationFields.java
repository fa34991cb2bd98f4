package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.webservice.constraint.ClientSpecs;
import io.fundamentallm.webservice.constraint.ResponseFormats;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields that both kinds of requests have: how to generate. Thread-safe. */
final class GenerationFields {
  /** As many as OpenAI allows. */
  private static final int STOPS = 4;

  private static final int STOP_LENGTH = 1_000;
  private static final int BIASES = 1_024;

  /**
   * What an answer is held to.
   *
   * @param param the field that is at fault if no token can follow
   */
  record Held(String param, Recipe<TokenConstraint> constraint) {}

  /** Gives what an answer is held to. */
  @FunctionalInterface
  interface Holding {
    /**
     * What it is held to; null where it may be anything.
     *
     * @param sampler the spec of the sampler that goes before it
     * @param format the spec of the response's format; null for none
     */
    @Nullable Held held(String sampler, @Nullable String format);
  }

  private final ServedModel model;
  private final ClientSpecs specs;
  private final ResponseFormats formats;
  private final Limits limits;

  GenerationFields(
      ServedModel model, ClientSpecs specs, ResponseFormats formats, ServiceSettings settings) {
    this.model = model;
    this.specs = specs;
    this.formats = formats;
    limits = settings.limits();
  }

  /**
   * Reads them, as the last fields of the request.
   *
   * @param maxTokens what the request sets, or its default
   * @throws ApiException if something is wrong with them, and for fields that nobody read
   */
  AnswerPlan read(
      Fields fields,
      List<AnswerPlan.Prompt> prompts,
      boolean echo,
      int maxTokens,
      OptionalInt alternatives,
      Holding answer) {
    fields.text("model"); // that this is it, is known by now
    HarmlessFields.read(fields);
    boolean stream = fields.flag("stream");
    boolean usage = StreamOptions.usage(fields, stream);
    Long seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    List<String> stops = stops(fields);
    boolean endless = fields.flag("ignore_eos");
    Set<Integer> stopTokens = stopTokens(fields);
    OptionalInt promptAlternatives = promptAlternatives(fields, stream);
    Recipe<Sampler> sampler = sampler(fields);
    Recipe<Sampler> before = sampler == null ? model.generator().options().sampler() : sampler;
    Held held = answer.held(before.toString(), formats.constraint(fields));
    TextGenerator generator =
        model
            .generator()
            .with(
                options -> {
                  if (seed != null) {
                    options.seed(seed);
                  }
                  if (sampler != null) {
                    options.sampler(sampler);
                  }
                  if (held != null) {
                    options.constraint(held.constraint());
                  }
                  alternatives.ifPresent(options::alternatives);
                  return options
                      .maxNewTokens(maxTokens)
                      .stopStrings(stops)
                      .stopTokens(stopTokens)
                      .ignoreEnd(endless)
                      .contextPolicy(ContextPolicy.stop());
                });
    Decoding decoding = decoding(fields, generator, stream);
    fields.requireAllRead();
    return new AnswerPlan(
        prompts,
        echo,
        decoding.generator(),
        decoding.choices(),
        alternatives,
        stream,
        usage,
        held != null ? held.param() : constraint(fields),
        promptAlternatives,
        decoding.together(),
        Map.of());
  }

  /** A text that is held to its format alone. */
  @Nullable Held formatted(String sampler, @Nullable String format) {
    return format == null ? null : new Held("response_format", specs.format(format));
  }

  /** The field that constrains the text, which may be at fault if no token can follow. */
  private static @Nullable String constraint(Fields fields) {
    String spec = fields.text("sampler");
    return spec == null || ClientSpecs.isPlain(spec) ? null : "sampler";
  }

  private Set<Integer> stopTokens(Fields fields) {
    JsonNode ids = fields.value("stop_token_ids");
    if (ids == null) {
      return Set.of();
    }
    if (ids.size() > BIASES) {
      throw fields.bad("stop_token_ids", "must not have more than " + BIASES + " ids");
    }
    Set<Integer> tokens = new HashSet<>();
    for (int token : TokenIds.read(fields, "stop_token_ids", ids, model.generator().tokenizer())) {
      tokens.add(token);
    }
    return tokens;
  }

  private OptionalInt promptAlternatives(Fields fields, boolean stream) {
    Long count = fields.integer("prompt_logprobs", 0, limits.alternatives());
    if (count != null && stream) {
      throw fields.bad("prompt_logprobs", "is for requests without 'stream'");
    }
    return count == null ? OptionalInt.empty() : OptionalInt.of(count.intValue());
  }

  private static List<String> stops(Fields fields) {
    List<String> stops = fields.texts("stop", STOPS);
    for (String stop : stops) {
      if (stop.isEmpty()
          || stop.length() > STOP_LENGTH
          || stop.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
        throw fields.bad(
            "stop", "must hold texts of 1 to " + STOP_LENGTH + " characters, no half surrogates");
      }
    }
    return stops;
  }

  private @Nullable Recipe<Sampler> sampler(Fields fields) {
    String stages = stages(fields);
    String spec = fields.text("sampler");
    if (spec != null && !stages.isEmpty()) {
      throw fields.bad(
          "sampler",
          "takes the place of temperature, top_k, top_p, min_p, frequency_penalty, presence_penalty"
              + " and logit_bias: leave these out, or write them as its stages");
    }
    if (spec != null) {
      return specs.sampler(spec);
    }
    return stages.isEmpty() ? null : model.generator().withSampler(stages).options().sampler();
  }

  /**
   * Biases and penalties on the model's own scores, then temperature, then the stages that cut: the
   * order of vLLM, whose parameters mean the same as OpenAI's.
   */
  private String stages(Fields fields) {
    StringJoiner stages = new StringJoiner(",");
    String biases = biases(fields);
    if (!biases.isEmpty()) {
      stages.add("logit-bias=" + biases);
    }
    add(stages, "frequency-penalty", fields.real("frequency_penalty", -2, 2));
    add(stages, "presence-penalty", fields.real("presence_penalty", -2, 2));
    add(stages, "temperature", fields.real("temperature", 0, 2));
    add(stages, "min-p", fields.real("min_p", 0, 1));
    Long topK = fields.integer("top_k", -1, Integer.MAX_VALUE); // vLLM has both for all
    if (topK != null && topK > 0) {
      stages.add("top-k=" + topK);
    }
    Double topP = fields.real("top_p", 0, 1);
    // the smallest set whose mass reaches 0 is the best token
    add(stages, "top-p", topP == null ? null : Math.max(topP, 1e-9));
    return stages.toString();
  }

  private static void add(StringJoiner stages, String name, @Nullable Double value) {
    if (value != null) {
      stages.add(name + "=" + value);
    }
  }

  private String biases(Fields fields) {
    JsonNode biases = fields.value("logit_bias");
    if (biases == null) {
      return "";
    }
    int max = model.generator().tokenizer().vocabulary().size() - 1;
    String expected =
        "must be an object of up to "
            + BIASES
            + " token ids from 0 to "
            + max
            + " with numbers from -100 to 100";
    if (!biases.isObject() || biases.size() > BIASES) {
      throw fields.bad("logit_bias", expected);
    }
    StringJoiner list = new StringJoiner(";");
    for (Map.Entry<String, JsonNode> bias : biases.properties()) {
      JsonNode value = bias.getValue();
      if (!bias.getKey().matches("[0-9]{1,9}")
          || Integer.parseInt(bias.getKey()) > max
          || !value.isNumber()
          || !(Math.abs(value.doubleValue(Double.NaN)) <= 100)) {
        throw fields.bad("logit_bias", expected);
      }
      list.add(bias.getKey() + ":" + value.doubleValue());
    }
    return list.toString();
  }

  /** With its decoder, and how many continuations that returns. */
  private record Decoding(TextGenerator generator, int choices, boolean together) {
    Decoding(TextGenerator generator, int choices) {
      this(generator, choices, false);
    }
  }

  private Decoding decoding(Fields fields, TextGenerator generator, boolean stream) {
    Long n = fields.integer("n", 1, limits.sequences());
    Long bestOf = fields.integer("best_of", 1, limits.sequences());
    String decoder = fields.text("decoder");
    if (decoder != null) {
      if ((n != null && n > 1) || bestOf != null) {
        throw fields.bad(
            "decoder", "has n and best-of as its options: leave 'n' and 'best_of' out");
      }
      return new Decoding(specs.decoder(generator, decoder), ClientSpecs.sequences(decoder));
    }
    int choices = n == null ? 1 : n.intValue();
    if (bestOf != null && bestOf < choices) {
      throw fields.bad("best_of", "must be at least 'n'");
    }
    if (bestOf != null && bestOf > 1) {
      return new Decoding(generator.withDecoder(ClientSpecs.bestOf(bestOf.intValue())), choices);
    }
    if (stream && choices > 1) { // the same texts, each as it comes
      return new Decoding(generator.withDecoder("sampling"), choices, true);
    }
    return new Decoding(
        choices == 1 ? generator : generator.withDecoder("sampling(n=" + choices + ")"), choices);
  }
}
