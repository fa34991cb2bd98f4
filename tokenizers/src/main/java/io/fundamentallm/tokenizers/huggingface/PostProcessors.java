package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.text.Encoding;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.PostProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.pipeline.TrimmedOffsets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Post-processors as {@code tokenizer.json} describes them. */
public final class PostProcessors {
  /** Layouts have each text once, and some models read it twice (Springer et al. 2024). */
  private static final int MAX_REPEATS = 16;

  private static final int MAX_ADDED = 4096;

  private PostProcessors() {}

  /** A part of a layout: tokens, or a text if the ids are null. */
  private record Part(boolean second, int @Nullable [] ids, int typeId) {}

  /** A post-processor. */
  public static PostProcessor of(JsonTree json, TokenForms forms) throws IOException {
    if (json.isNull()) {
      return PostProcessor.none();
    }
    String type = json.get("type").text();
    return switch (type) {
      case "TemplateProcessing" -> template(json, forms.size());
      case "BertProcessing" -> {
        int[] cls = token(json.get("cls"), forms);
        int[] sep = token(json.get("sep"), forms);
        yield new Template(
            List.of(added(cls, 0), text(false, 0), added(sep, 0)),
            List.of(added(cls, 0), text(false, 0), added(sep, 0), text(true, 1), added(sep, 1)));
      }
      case "RobertaProcessing" -> {
        int[] cls = token(json.get("cls"), forms);
        int[] sep = token(json.get("sep"), forms);
        PostProcessor template =
            new Template(
                List.of(added(cls, 0), text(false, 0), added(sep, 0)),
                List.of(
                    added(cls, 0),
                    text(false, 0),
                    added(sep, 0),
                    added(sep, 0),
                    text(true, 0),
                    added(sep, 0)));
        yield json.get("trim_offsets").flag(true)
            ? new TrimmedOffsets(template, forms, json.get("add_prefix_space").flag(true))
            : template;
      }
      case "ByteLevel" ->
          json.get("trim_offsets").flag(true)
              ? new TrimmedOffsets(
                  PostProcessor.none(), forms, json.get("add_prefix_space").flag(true))
              : PostProcessor.none();
      case "Sequence" -> {
        List<PostProcessor> steps = new ArrayList<>();
        for (JsonTree step : json.get("processors").list()) {
          steps.add(of(step, forms));
          bound(step, new Chain(steps));
        }
        yield new Chain(steps);
      }
      default -> throw json.get("type").error("the post-processor \"" + type + "\" is not known");
    };
  }

  /** A layout of a layout of a layout may be longer than memory, even if its file is short. */
  private static void bound(JsonTree json, PostProcessor processor) throws IOException {
    if (processor.repeats() > MAX_REPEATS) {
      throw json.error(
          "it repeats texts " + processor.repeats() + " times, expected at most " + MAX_REPEATS);
    }
    int added = Math.max(processor.added(false), processor.added(true));
    if (added > MAX_ADDED) {
      throw json.error("it adds " + added + " tokens, expected at most " + MAX_ADDED);
    }
  }

  private static Part text(boolean second, int typeId) {
    return new Part(second, null, typeId);
  }

  private static Part added(int[] ids, int typeId) {
    return new Part(false, ids, typeId);
  }

  /** A pair of written form and id. */
  private static int[] token(JsonTree json, TokenForms forms) throws IOException {
    List<JsonTree> pair = json.list();
    if (pair.size() != 2) {
      throw json.expected("a token and its id");
    }
    return new int[] {pair.get(1).integer(0, forms.size() - 1)};
  }

  private static PostProcessor template(JsonTree json, int tokens) throws IOException {
    JsonTree special = json.get("special_tokens");
    List<Part> single = parts(json.get("single"), special, tokens, false);
    bound(json.get("single"), new Template(single, List.of()));
    List<Part> pair = parts(json.get("pair"), special, tokens, true);
    bound(json.get("pair"), new Template(List.of(), pair));
    return new Template(single, pair);
  }

  private static List<Part> parts(JsonTree json, JsonTree tokens, int size, boolean pair)
      throws IOException {
    List<Part> parts = new ArrayList<>();
    for (JsonTree part : json.list()) {
      JsonTree sequence = part.get("Sequence");
      if (sequence.isNull()) {
        JsonTree special = part.get("SpecialToken");
        JsonTree token = tokens.get(special.get("id").text());
        if (token.isNull()) {
          throw special.get("id").error("it is not among special_tokens");
        }
        List<JsonTree> ids = token.get("ids").list();
        int[] values = new int[ids.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = ids.get(i).integer(0, size - 1);
        }
        parts.add(added(values, special.get("type_id").integer(0, Integer.MAX_VALUE)));
      } else {
        String id = sequence.get("id").text();
        if (!id.equals("A") && !(pair && id.equals("B"))) {
          throw sequence.get("id").expected(pair ? "A or B" : "A");
        }
        parts.add(text(id.equals("B"), sequence.get("type_id").integer(0, Integer.MAX_VALUE)));
      }
    }
    return parts;
  }

  /** Texts and tokens in a fixed order. */
  private record Template(List<Part> single, List<Part> pair) implements PostProcessor {
    @Override
    public Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens) {
      List<Encoding> parts = new ArrayList<>();
      for (Part part : second == null ? single : pair) {
        int[] ids = part.ids;
        if (ids == null) {
          Encoding text = part.second && second != null ? second : first;
          parts.add(text.withTypeId(part.typeId));
        } else if (addSpecialTokens) {
          for (int id : ids) {
            parts.add(Encoding.added(id, part.typeId, first.starts() != null));
          }
        }
      }
      return Encoding.joined(parts);
    }

    @Override
    public int added(boolean two) {
      return (two ? pair : single)
          .stream().mapToInt(part -> part.ids == null ? 0 : part.ids.length).sum();
    }

    @Override
    public int repeats() {
      return Math.max(repeats(single), repeats(pair));
    }

    private static int repeats(List<Part> parts) {
      int first = 0;
      int second = 0;
      for (Part part : parts) {
        first += part.ids == null && !part.second ? 1 : 0;
        second += part.ids == null && part.second ? 1 : 0;
      }
      return Math.max(first, second);
    }
  }

  /** One after the other; only the first that joins a pair sees it as a pair. */
  private record Chain(List<PostProcessor> steps) implements PostProcessor {
    @Override
    public Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens) {
      Encoding a = first;
      Encoding b = second;
      for (PostProcessor step : steps) {
        // steps that only change offsets apply to each text; one that lays out joins them
        if (b != null && step.added(true) == 0) {
          a = step.process(a, null, addSpecialTokens);
          b = step.process(b, null, addSpecialTokens);
        } else {
          a = step.process(a, b, addSpecialTokens);
          b = null;
        }
      }
      return b == null ? a : PostProcessor.none().process(a, b, addSpecialTokens);
    }

    @Override
    public int added(boolean two) {
      return steps.stream().mapToInt(step -> step.added(two)).sum();
    }

    /** One that leaves the text out still passes on what it adds. */
    @Override
    public int repeats() {
      int repeats = 1;
      for (PostProcessor step : steps) {
        repeats *= Math.max(1, step.repeats());
      }
      return repeats;
    }
  }
}
