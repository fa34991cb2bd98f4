package io.fundamentallm.tokenizers.huggingface;

import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.tokenizers.json.JsonSource;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of models older than tokenizer.json: {@code vocab.json} with {@code merges.txt} is
 * GPT-2's byte-level BPE, {@code vocab.txt} is BERT's WordPiece. Read as the tokenizer.json that
 * Hugging Face's converters make of them (transformers, convert_slow_tokenizer.py).
 */
public final class VocabularyFiles {
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String WORD_PIECES = "vocab.txt";
  private static final long MAX_BYTES = 64 << 20;

  private static final String GPT2_COMPONENTS =
      """
      {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
       "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false},
       "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}}
      """;

  private static final String GPT2_MODEL =
      """
      {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
       "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false}
      """;

  private static final String BERT_MODEL =
      """
      {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
       "max_input_chars_per_word": 100}
      """;

  private VocabularyFiles() {}

  /** Whether a directory has such files. */
  public static boolean in(Path directory) {
    return Files.isRegularFile(directory.resolve(WORD_PIECES))
        || (Files.isRegularFile(directory.resolve(VOCABULARY))
            && Files.isRegularFile(directory.resolve(MERGES)));
  }

  /** Reads them. */
  public static TokenizerJson read(Path directory, TokenizerConfig config) throws IOException {
    Path vocabulary = directory.resolve(VOCABULARY);
    return Files.isRegularFile(vocabulary)
        ? gpt2(vocabulary, directory.resolve(MERGES), config)
        : bert(directory.resolve(WORD_PIECES), config);
  }

  private static TokenizerJson gpt2(Path file, Path mergesFile, TokenizerConfig config)
      throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    @Nullable String[] forms = new @Nullable String[1024];
    try (JsonSource source = JsonSource.open(file)) {
      source.next();
      source.enterObject("the vocabulary");
      for (String form; (form = source.nextKey()) != null; ) {
        int id = source.integer("the id of \"" + form + "\"", TokenizerJson.HIGHEST_ID);
        if (form.isEmpty() || ids.put(form, id) != null) {
          throw source.error("Duplicate or empty token \"" + form + "\"");
        }
        if (id >= forms.length) {
          forms = Arrays.copyOf(forms, Math.max(id + 1, forms.length * 2));
        }
        if (forms[id] != null) {
          throw source.error("\"" + forms[id] + "\" and \"" + form + "\" both have the id " + id);
        }
        forms[id] = form;
      }
      source.requireEnd();
    }
    List<String> merges = new ArrayList<>();
    int number = 0;
    for (String line : lines(mergesFile)) {
      number++;
      if ((number == 1 && line.startsWith("#version")) || line.isEmpty()) {
        continue;
      }
      int space = line.indexOf(' ');
      if (space <= 0 || space != line.lastIndexOf(' ') || space == line.length() - 1) {
        throw new IOException(
            mergesFile + ", line " + number + ": expected two parts of a merge and a space");
      }
      String left = line.substring(0, space);
      String right = line.substring(space + 1);
      for (String form : List.of(left, right, left + right)) {
        if (!ids.containsKey(form)) {
          throw new IOException(
              mergesFile
                  + (", line " + number + ": \"" + form + "\" is not in ")
                  + file.getFileName());
        }
      }
      merges.add(left);
      merges.add(right);
    }
    return new TokenizerJson(
        file,
        gpt2Components(file, ids, config),
        special(ids, "<|endoftext|>", "<s>", "</s>", "<unk>", "<pad>", "<mask>"),
        JsonTree.parse(GPT2_MODEL, file),
        Arrays.copyOf(forms, ids.isEmpty() ? 0 : Collections.max(ids.values()) + 1),
        ids.size(),
        ids,
        null,
        merges);
  }

  /** Here a begin token that is asked for counts in any class, as in OPT's. */
  private static JsonTree gpt2Components(
      Path file, Map<String, Integer> ids, TokenizerConfig config) throws IOException {
    JsonTree components = JsonTree.parse(GPT2_COMPONENTS, file);
    Integer begin = config.bos() == null ? null : ids.get(config.bos());
    return begin == null || !Boolean.TRUE.equals(config.boundaries().begin())
        ? components
        : Boundaries.replaced(components, Boundaries.template(config.bos(), begin, null, -1), file);
  }

  private static TokenizerJson bert(Path file, TokenizerConfig config) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    List<String> forms = lines(file);
    for (int id = 0; id < forms.size(); id++) {
      if (ids.putIfAbsent(forms.get(id), id) != null || forms.get(id).isEmpty()) {
        throw new IOException(
            file + ", line " + (id + 1) + ": Duplicate or empty token \"" + forms.get(id) + "\"");
      }
    }
    for (String needed : List.of("[UNK]", "[SEP]", "[CLS]")) {
      if (!ids.containsKey(needed)) {
        throw new IOException(file + " has no token " + needed);
      }
    }
    String components =
        String.format(
            """
        {"version": "1.0", "truncation": null, "padding": null,
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                        "strip_accents": null, "lowercase": %s},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", %d], "cls": ["[CLS]", %d]},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}}
        """,
            config.lowerCase(), ids.get("[SEP]"), ids.get("[CLS]"));
    return new TokenizerJson(
        file,
        JsonTree.parse(components, file),
        special(ids, "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
        JsonTree.parse(BERT_MODEL, file),
        forms.toArray(new String[0]),
        forms.size(),
        ids,
        null,
        List.of());
  }

  private static List<AddedToken> special(Map<String, Integer> ids, String... common) {
    List<AddedToken> added = new ArrayList<>();
    for (String form : common) {
      Integer id = ids.get(form);
      if (id != null) {
        added.add(AddedToken.special(id, form));
      }
    }
    return added;
  }

  private static List<String> lines(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(
          file + " has " + Files.size(file) + " bytes; at most " + MAX_BYTES + " are read");
    }
    GitLfsPointer.refuse(file);
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line; (line = reader.readLine()) != null; ) {
        lines.add(line);
      }
    } catch (CharacterCodingException e) {
      throw new IOException(file + ", after line " + lines.size() + ": malformed UTF-8", e);
    }
    return lines;
  }
}
