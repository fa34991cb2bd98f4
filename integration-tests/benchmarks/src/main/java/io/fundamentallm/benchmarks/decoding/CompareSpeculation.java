package io.fundamentallm.benchmarks.decoding;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.Samplers;
import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What prompt lookup brings on a text that repeats itself: a list is rewritten, with some tokens of
 * each line changed, by a model of random weights that is made to say so. Plain sampling and
 * speculation take turns in one process; the texts must be equal.
 *
 * <p>Arguments are {@code key=value}. Their defaults:
 *
 * <pre>
 * shape=S
 * weights=f32
 * threads=2          of the model
 * lines=16           of the list
 * line=24            tokens of a line
 * changed=1          of them are not those of the list
 * sampler=temperature=0.8,top-k=40,top-p=0.9
 * decoders=speculative                        several with ;
 * rounds=5
 * warmup=2           seconds for each
 * work=DIR           where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>Prints tokens a second after the first one, their ratio, and the part of the guesses that was
 * right.
 */
public final class CompareSpeculation {
  private static final String PLAIN = "sampling";
  private static final int SEED = 7;

  private final LanguageModel model;
  private final int[] prompt;
  private final DecodingOptions options;
  private final Map<String, Double> accepted = new HashMap<>();
  private int[] written = {};

  private CompareSpeculation(LanguageModel model, int[] prompt, DecodingOptions options) {
    this.model = model;
    this.prompt = prompt;
    this.options = options;
  }

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shape", "S");
    defaults.put("weights", "f32");
    defaults.put("threads", "2");
    defaults.put("lines", "16");
    defaults.put("line", "24");
    defaults.put("changed", "1");
    defaults.put("sampler", "temperature=0.8,top-k=40,top-p=0.9");
    defaults.put("decoders", "speculative");
    defaults.put("rounds", "5");
    defaults.put("warmup", "2");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    compare(Arguments.of(commandLine, defaults));
  }

  private static void compare(Arguments arguments) throws IOException {
    Shape shape = Shape.valueOf(arguments.text("shape"));
    Path directory = new ModelFiles(Path.of(arguments.text("work"))).huggingFace(shape);
    String weights = arguments.text("weights");
    String runtime =
        "cpu(threads="
            + arguments.number("threads")
            + (weights.equals("f32") ? "" : ",weights=" + weights)
            + ")";
    System.out.println(Machine.description() + ", " + shape + " on " + runtime);
    int length = arguments.number("lines") * arguments.number("line");
    int[] text = new int[2 * length];
    write(text, arguments, shape.vocabulary());
    DecodingOptions options =
        DecodingOptions.builder()
            .seed(SEED)
            .maxNewTokens(length)
            .sampler(Samplers.parse(arguments.text("sampler")))
            .build();
    try (LanguageModel inner = LanguageModels.load(directory, runtime)) {
      new CompareSpeculation(new ScriptedModel(inner, text), Arrays.copyOf(text, length), options)
          .race(List.of(arguments.text("decoders").split(";", -1)), arguments);
    }
  }

  /** The list, and then the list again with some tokens changed. */
  private static void write(int[] text, Arguments arguments, int vocabulary) {
    SplittableRandom random = new SplittableRandom(SEED);
    int length = text.length / 2;
    int line = arguments.number("line");
    for (int i = 0; i < length; i++) {
      text[i] = random.nextInt(3, vocabulary);
      text[length + i] = text[i];
    }
    for (int start = length; start < text.length; start += line) {
      for (int i = 0; i < arguments.number("changed"); i++) {
        text[start + random.nextInt(line)] = random.nextInt(3, vocabulary);
      }
    }
  }

  private void race(List<String> decoders, Arguments arguments) {
    Rotation rotation = new Rotation();
    rotation.add(PLAIN, () -> rate(PLAIN));
    decoders.forEach(decoder -> rotation.add(decoder, () -> rate(decoder)));
    rotation.warmUp(arguments.real("warmup"));
    rotation.run(arguments.number("rounds"));
    for (String name : rotation.names()) {
      Figure.add(arguments.text("lines") + " lines", name, rotation.median(name));
      System.out.printf(
          Locale.ROOT,
          "%-40s %9.1f tokens/s  %5.2f x %s, %.3f of the guesses right%n",
          name,
          rotation.median(name),
          rotation.median(name) / rotation.median(PLAIN),
          PLAIN,
          accepted.get(name));
    }
  }

  /** Tokens a second after the first; the text must be the one that was written before. */
  private double rate(String decoder) {
    try (Generation generation = Decoders.parse(decoder).decode(model, prompt, options)) {
      int[] text = generation.stream().mapToInt(token -> token.id()).toArray();
      if (written.length == 0) {
        written = text;
      } else if (!decoder.contains("mode=rejection") && !Arrays.equals(text, written)) {
        throw new IllegalStateException(decoder + " writes another text");
      }
      accepted.put(decoder, generation.summary().acceptanceRate());
      return generation.summary().generatedTokensPerSecond();
    }
  }
}
