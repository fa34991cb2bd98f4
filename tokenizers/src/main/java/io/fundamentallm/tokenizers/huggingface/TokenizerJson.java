package io.fundamentallm.tokenizers.huggingface;

import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.tokenizers.json.JsonSource;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code tokenizer.json} of Hugging Face's tokenizers library says.
 *
 * @param file where it is
 * @param components the file without added tokens and model
 * @param added its added tokens
 * @param model the model without vocabulary and merges
 * @param forms every token's written form, the added ones' too; the index is the id, and an id that
 *     no token has is null
 * @param modelSize how many of them the model's own vocabulary has
 * @param ids the ids of the model's own forms
 * @param scores of a Unigram model, by id; null for other models
 * @param merges of a BPE model, left and right alternating
 */
public record TokenizerJson(
    Path file,
    JsonTree components,
    List<AddedToken> added,
    JsonTree model,
    @Nullable String[] forms,
    int modelSize,
    Map<String, Integer> ids,
    double @Nullable [] scores,
    List<String> merges) {
  /** The name of the file in a model directory. */
  public static final String NAME = "tokenizer.json";

  /** Far above every published vocabulary, and above the number of Unicode's code points. */
  public static final int HIGHEST_ID = (1 << 21) - 1;

  /** Reads the file. */
  public static TokenizerJson read(Path file) throws IOException {
    return new Reader(file).read();
  }

  /** What the model calls itself or, if an older file leaves that out, what its fields imply. */
  public String modelType() throws IOException {
    String type = model.get("type").textOrNull();
    if (type != null) {
      return type;
    }
    if (scores != null) {
      return "Unigram";
    }
    if (model.keys().contains("max_input_chars_per_word")) {
      return "WordPiece";
    }
    return model.keys().contains("fuse_unk") || !merges.isEmpty() ? "BPE" : "WordLevel";
  }

  private static final class Reader {
    private final Path file;
    private @Nullable String[] forms = new @Nullable String[1024];
    private int count;
    private int modelSize;
    private final Map<String, Integer> ids = new HashMap<>(1 << 17);
    private double @Nullable [] scores;
    private final List<String> merges = new ArrayList<>();
    private final List<AddedToken> added = new ArrayList<>();

    Reader(Path file) {
      this.file = file;
    }

    TokenizerJson read() throws IOException {
      Map<String, JsonTree> components = new LinkedHashMap<>();
      JsonTree model = null;
      try (JsonSource source = JsonSource.open(file)) {
        source.next();
        source.enterObject("the tokenizer");
        for (String key; (key = source.nextKey()) != null; ) {
          switch (key) {
            case "added_tokens" -> addedTokens(source);
            case "model" -> model = model(source);
            default -> components.put(key, JsonTree.read(source, file, key));
          }
        }
        source.requireEnd();
      }
      if (model == null) {
        throw new IOException(file + " has no \"model\"");
      }
      modelSize = ids.size();
      combine();
      return new TokenizerJson(
          file,
          JsonTree.of(file, "", components),
          List.copyOf(added),
          model,
          Arrays.copyOf(forms, count),
          modelSize,
          ids,
          scores,
          merges);
    }

    private void addedTokens(JsonSource source) throws IOException {
      source.enterArray("added_tokens");
      Map<String, Integer> seen = new HashMap<>();
      while (source.next() != JsonToken.END_ARRAY) {
        source.enterObject("an added token");
        String content = "";
        int id = -1;
        boolean[] flags = new boolean[5];
        for (String key; (key = source.nextKey()) != null; ) {
          switch (key) {
            case "content" -> content = source.string("the content of an added token");
            case "id" -> id = source.integer("the id of an added token", HIGHEST_ID);
            case "single_word" -> flags[0] = source.flag("single_word");
            case "lstrip" -> flags[1] = source.flag("lstrip");
            case "rstrip" -> flags[2] = source.flag("rstrip");
            case "normalized" -> flags[3] = source.flag("normalized");
            case "special" -> flags[4] = source.flag("whether an added token is special");
            default -> source.skip();
          }
        }
        if (id < 0 || content.isEmpty()) {
          throw source.error("an added token needs an \"id\" and a \"content\" that is not empty");
        }
        requireText(source, "added_tokens", content);
        if (seen.putIfAbsent(content, id) != null) {
          throw source.error("the added token \"" + content + "\" appears here for a second time");
        }
        added.add(new AddedToken(id, content, flags[0], flags[1], flags[2], flags[3], flags[4]));
      }
    }

    private JsonTree model(JsonSource source) throws IOException {
      source.enterObject("model");
      Map<String, JsonTree> settings = new LinkedHashMap<>();
      for (String key; (key = source.nextKey()) != null; ) {
        switch (key) {
          case "vocab" -> vocabulary(source);
          case "merges" -> merges(source);
          default -> settings.put(key, JsonTree.read(source, file, "model." + key));
        }
      }
      return JsonTree.of(file, "model", settings);
    }

    private void vocabulary(JsonSource source) throws IOException {
      if (source.current() == JsonToken.START_ARRAY) {
        scoredPieces(source);
        return;
      }
      source.enterObject("vocab");
      for (String form; (form = source.nextKey()) != null; ) {
        int id = source.integer("the id of \"" + form + "\"", HIGHEST_ID);
        put(source, id, form);
      }
    }

    private void put(JsonSource source, int id, String form) throws IOException {
      requireText(source, "model.vocab", form);
      if (ids.putIfAbsent(form, id) != null) {
        throw source.error("Duplicate token \"" + form + "\"");
      }
      if (id >= forms.length) {
        forms = Arrays.copyOf(forms, Math.max(id + 1, forms.length * 2));
      }
      if (forms[id] != null) {
        throw source.error("\"" + forms[id] + "\" and \"" + form + "\" both have the id " + id);
      }
      forms[id] = form;
      count = Math.max(count, id + 1);
    }

    /** Half a character has no bytes. */
    private static void requireText(JsonSource source, String place, String form)
        throws IOException {
      for (int i = 0; i < form.length(); i++) {
        int c = form.codePointAt(i);
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
          throw source.error(String.format("%s: a token has the lone surrogate U+%04X", place, c));
        }
        i += Character.charCount(c) - 1;
      }
    }

    private void scoredPieces(JsonSource source) throws IOException {
      double[] read = new double[1024];
      while (source.next() != JsonToken.END_ARRAY) {
        source.enterArray("a piece and its score");
        source.next();
        int id = count;
        if (id > HIGHEST_ID) {
          throw source.error("there are more than " + HIGHEST_ID + " pieces");
        }
        put(source, id, source.string("a piece"));
        source.next();
        if (id == read.length) {
          read = Arrays.copyOf(read, id * 2);
        }
        read[id] = source.number("the score of a piece");
        if (source.next() != JsonToken.END_ARRAY) {
          throw source.error("expected a piece and its score, and nothing more");
        }
      }
      scores = Arrays.copyOf(read, count);
    }

    private void merges(JsonSource source) throws IOException {
      source.enterArray("merges");
      while (source.next() != JsonToken.END_ARRAY) {
        if (source.current() == JsonToken.START_ARRAY) {
          source.next();
          merges.add(source.string("the left part of a merge"));
          source.next();
          merges.add(source.string("the right part of a merge"));
          if (source.next() != JsonToken.END_ARRAY) {
            throw source.error("a merge has more than two parts");
          }
        } else {
          String pair = source.string("a merge");
          int space = pair.indexOf(' ');
          if (space <= 0 || space != pair.lastIndexOf(' ') || space == pair.length() - 1) {
            throw source.error("expected a merge as two parts and a space, found \"" + pair + "\"");
          }
          merges.add(pair.substring(0, space));
          merges.add(pair.substring(space + 1));
        }
      }
    }

    /** Adds to the forms those added tokens that the vocabulary lacks. */
    private void combine() throws IOException {
      for (AddedToken token : added) {
        int id = token.id();
        Integer known = ids.get(token.content());
        if (id >= forms.length) {
          forms = Arrays.copyOf(forms, Math.max(id + 1, forms.length * 2));
        }
        String other = forms[id];
        if ((known != null && known != id) || (other != null && !other.equals(token.content()))) {
          throw new IOException(
              file
                  + ", added_tokens: \""
                  + token.content()
                  + "\" has the id "
                  + id
                  + ", but in the vocabulary "
                  + (known != null ? "it has " + known : "that is \"" + other + "\""));
        }
        forms[id] = token.content();
        count = Math.max(count, id + 1);
      }
    }
  }
}
