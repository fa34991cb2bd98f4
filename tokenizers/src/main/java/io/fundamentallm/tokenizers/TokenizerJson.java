package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code tokenizer.json} of single characters or bytes says.
 *
 * @param file where it stands
 * @param forms every token's written form; the index is the id
 * @param special the forms of the special tokens
 * @param normalizer what is done to the text first; null for nothing
 * @param preTokenizer what splits the text; null for nothing
 * @param model the model without its vocabulary
 */
record TokenizerJson(
    Path file,
    List<String> forms,
    Set<String> special,
    @Nullable Component normalizer,
    @Nullable Component preTokenizer,
    Component model) {
  static final String NAME = "tokenizer.json";

  /**
   * A vocabulary with more tokens of several characters than this is one of words or word pieces:
   * no published one has as many special tokens (DeepSeek-V3 has 818).
   */
  private static final int MOST_LONG_FORMS = 1000;

  /** Far above every published vocabulary, and above the number of Unicode's code points. */
  private static final int HIGHEST_ID = (1 << 21) - 1;

  /**
   * A part of the pipeline.
   *
   * @param settings what is a scalar in the file, by its path of keys, such as {@code
   *     pattern.Regex}; without nulls
   */
  record Component(Map<String, String> settings) {
    String type() {
      return settings.getOrDefault("type", "none");
    }

    /** Whether a switch is on; off unless written. */
    boolean on(String key) {
      return Boolean.parseBoolean(settings.getOrDefault(key, "false"));
    }
  }

  /** Makes a tokenizer of what a file says. */
  interface Format {
    Object read(TokenizerJson json) throws IOException;
  }

  /** Reads the file of a model directory, or the file itself. */
  static TokenizerJson in(Path path) throws IOException {
    return new Reader(file(path)).read();
  }

  /** Whether the file in this place is of a format, judged by reading as far as it fits. */
  static Support supports(Path path, Format format) {
    Path file = file(path);
    if (!Files.isRegularFile(file)) {
      return Support.no("there is no file " + file);
    }
    if (!file.toString().endsWith(".json")) {
      return Support.no(file + " is not a .json file");
    }
    try {
      format.read(in(path));
      return Support.yes("recognised by the model in " + NAME);
    } catch (OtherKindException e) {
      return Support.no(e.reason());
    } catch (IOException e) {
      return Support.yes("it is broken, and loading says where: " + e.getMessage());
    }
  }

  private static Path file(Path path) {
    return Files.isDirectory(path) ? path.resolve(NAME) : path;
  }

  private static final class Reader {
    private final Path file;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final Map<Integer, String> byId = new HashMap<>();
    private final Map<String, Integer> added = new HashMap<>();
    private final Set<String> special = new LinkedHashSet<>();
    private int longForms;

    Reader(Path file) {
      this.file = file;
    }

    TokenizerJson read() throws IOException {
      Component normalizer = null;
      Component preTokenizer = null;
      Component model = null;
      try (JsonSource source = JsonSource.open(file)) {
        source.next();
        source.enterObject("the tokenizer");
        for (String key; (key = source.nextKey()) != null; ) {
          switch (key) {
            case "added_tokens" -> addedTokens(source);
            case "normalizer" -> normalizer = component(source, "normalizer");
            case "pre_tokenizer" -> preTokenizer = component(source, "pre_tokenizer");
            case "model" -> model = model(source);
            default -> source.skip();
          }
        }
        source.requireEnd();
      }
      if (model == null) {
        throw new IOException(file + " has no \"model\"");
      }
      return new TokenizerJson(file, forms(), special, normalizer, preTokenizer, model);
    }

    private void addedTokens(JsonSource source) throws IOException {
      source.enterArray("added_tokens");
      while (source.next() != JsonToken.END_ARRAY) {
        source.enterObject("an added token");
        String content = "";
        int id = -1;
        boolean isSpecial = false;
        for (String key; (key = source.nextKey()) != null; ) {
          switch (key) {
            case "content" -> content = source.string("the content of an added token");
            case "id" -> id = source.integer("the id of an added token", HIGHEST_ID);
            case "special" -> isSpecial = source.flag("whether an added token is special");
            default -> source.skip();
          }
        }
        if (id < 0 || content.isEmpty()) {
          throw source.error("an added token needs an \"id\" and a \"content\" that is not empty");
        }
        if (added.putIfAbsent(content, id) != null) {
          throw source.error("the added token \"" + content + "\" stands here for a second time");
        }
        if (isSpecial) {
          special.add(content);
        }
      }
    }

    private Component model(JsonSource source) throws IOException {
      source.enterObject("model");
      Map<String, String> settings = new HashMap<>();
      for (String key; (key = source.nextKey()) != null; ) {
        switch (key) {
          case "vocab" -> vocabulary(source);
          case "merges" -> merges(source);
          default -> settings(source, key, settings);
        }
      }
      return new Component(settings);
    }

    private void vocabulary(JsonSource source) throws IOException {
      if (source.current() == JsonToken.START_ARRAY) {
        throw new OtherKindException("its vocabulary is a list of scored pieces (Unigram)");
      }
      source.enterObject("vocab");
      for (String form; (form = source.nextKey()) != null; ) {
        int id = source.integer("the id of \"" + form + "\"", HIGHEST_ID);
        if (form.isEmpty()) {
          throw source.error("a token of the vocabulary is empty");
        }
        vocabulary.put(form, id); // the parser refuses a key that is there twice
        String other = byId.put(id, form);
        if (other != null) {
          throw source.error("\"" + other + "\" and \"" + form + "\" both have the id " + id);
        }
        if (form.codePointCount(0, form.length()) > 1 && ++longForms > MOST_LONG_FORMS) {
          throw new OtherKindException(
              "its vocabulary has tokens of several characters, such as \"" + form + "\"");
        }
      }
    }

    private static void merges(JsonSource source) throws IOException {
      source.enterArray("merges");
      if (source.next() != JsonToken.END_ARRAY) {
        throw new OtherKindException("its model has merges (BPE)");
      }
    }

    private static @Nullable Component component(JsonSource source, String what)
        throws IOException {
      if (source.current() == JsonToken.VALUE_NULL) {
        return null;
      }
      if (source.current() != JsonToken.START_OBJECT) {
        source.enterObject(what);
      }
      Map<String, String> settings = new HashMap<>();
      settings(source, "", settings);
      return new Component(settings);
    }

    /**
     * Notes the scalars of the value that the source stands on; what lists hold does not matter.
     */
    private static void settings(JsonSource source, String path, Map<String, String> settings)
        throws IOException {
      JsonToken token = source.current();
      if (token == JsonToken.START_OBJECT) {
        for (String key; (key = source.nextKey()) != null; ) {
          settings(source, path.isEmpty() ? key : path + "." + key, settings);
        }
      } else if (token == JsonToken.START_ARRAY) {
        settings.put(path, "a list");
        source.skip();
      } else if (token != null && token.isScalarValue()) {
        if (token != JsonToken.VALUE_NULL) {
          settings.put(path, source.text());
        }
      } else {
        throw source.error("expected a value");
      }
    }

    /** All tokens in order of id: the vocabulary's, and the added ones that are not among them. */
    private List<String> forms() throws IOException {
      for (Map.Entry<String, Integer> token : added.entrySet()) {
        Integer id = vocabulary.get(token.getKey());
        String other = byId.putIfAbsent(token.getValue(), token.getKey());
        if ((id != null && !id.equals(token.getValue()))
            || (other != null && !other.equals(token.getKey()))) {
          throw new IOException(
              file
                  + ", added_tokens: \""
                  + token.getKey()
                  + "\" has the id "
                  + token.getValue()
                  + ", but in the vocabulary "
                  + (id != null ? "it has " + id : "that is \"" + other + "\""));
        }
      }
      List<String> forms = new ArrayList<>(byId.size());
      for (int id = 0; id < byId.size(); id++) {
        String form = byId.get(id);
        if (form == null) {
          throw new IOException(
              file
                  + ", model.vocab: no token has the id "
                  + id
                  + ", though there are "
                  + byId.size()
                  + " tokens");
        }
        forms.add(form);
      }
      return forms;
    }
  }
}
