package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.fail;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files are untrusted: whatever is wrong is an IOException that names the file and the place. */
class BrokenFilesTest {
  /** The files of one tokenizer of each kind, by their names. */
  private static final List<Map<String, byte[]>> INTACT = intact();

  @TempDir Path directory;

  private void broken(String json, String... message) throws IOException {
    Path file = Files.writeString(directory.resolve("tokenizer.json"), json.replace('\'', '"'));
    var thrown =
        assertThatIOException()
            .isThrownBy(() -> Tokenizers.load(directory))
            .withMessageContaining(file.toString());
    for (String part : message) {
      thrown.withMessageContaining(part);
    }
  }

  private static String characters(String vocabulary) {
    return "{'added_tokens': [],\n'model': {'type': 'BPE',\n'vocab': " + vocabulary + "}}";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a': 0, 'b': 0}       | both have the id 0           | line 3, column 24",
        "{'a': 0, 'a': 1}       | Duplicate                    | line 3",
        "{'a': 0, 'b': -1}      | a whole number               | line 3, column 24",
        "{'a': 0, 'b': 3000000} | a whole number               | line 3, column 24",
        "{'a': 99999999999999999999} | a whole number          | line 3, column 16",
        "{'a': 0.5}             | found a number               | line 3, column 16",
        "{'a': '0'}             | found a string               | line 3, column 16",
        "{'a': {}}              | found an object              | line 3, column 16",
        "{'a': null}            | found null                   | line 3, column 16",
        "{'\\ud800': 0}         | lone surrogate U+D800        | model.vocab",
        "{'a' 0}                | line 3, column 15            | Unexpected",
        "{'a': 0                | line 3                       | end-of-input",
        "7                      | expected vocab as an object  | line 3, column 10",
      })
  void a_broken_vocabulary_is_named_with_its_place(String vocabulary, String what, String place)
      throws IOException {
    broken(characters(vocabulary), what, place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{'id': 0, 'content': '<s>'}]           | has the id 0, but in the vocabulary that is",
        "[{'id': 2097152, 'content': '<s>'}]     | a whole number in [0, 2097151]",
        "[{'id': 2147483647, 'content': '<s>'}]  | a whole number in [0, 2097151]",
        "[{'id': 1, 'content': '\\ud800'}]       | added_tokens: a token has the lone surrogate",
        "[{'id': 3, 'content': 'a'}]             | but in the vocabulary it has 0",
        "[{'id': 1}]                             | needs an \"id\" and a \"content\"",
        "[{'content': 'x'}]                      | needs an \"id\" and a \"content\"",
        "[{'id': 1, 'content': ''}]              | needs an \"id\" and a \"content\"",
        "[{'id': 'x', 'content': 'x'}]           | the id of an added token as a whole number",
        "[{'id': 1, 'content': 1}]               | the content of an added token as a string",
        "[{'id': 1, 'content': 'x', 'special': 1}] | special as true or false",
        "[{'id': 1, 'content': 'x'}, {'id': 2, 'content': 'x'}] | for a second time",
        "[7]                                     | an added token as an object",
        "{}                                      | added_tokens as an array",
        "[{'id': 1, 'content': 'x'}              | line 1",
      })
  void broken_added_tokens_are_named(String added, String what) throws IOException {
    broken("{'added_tokens': " + added + ", 'model': {'type': 'BPE', 'vocab': {'a': 0}}}", what);
  }

  @Test
  void a_file_that_is_no_json_object_is_an_error() throws IOException {
    broken("", "expected the tokenizer as an object, found the end of the file");
    broken("[]", "line 1, column 1", "found an array");
    broken("{}", "has no \"model\"");
    broken("{'model': null}", "expected model as an object, found null");
    broken("{'pre_tokenizer': 3, 'model': {'vocab': {'a': 0}}}", "pre_tokenizer", "an object");
    broken("{'model': {'type': 'BPE', 'vocab': {'a': 0}}} x", "line 1");
    broken("{'model': {'type': 'BPE', 'vocab': {'a': 0}}} {}", "expected the end of the file");
    broken("\u0000\u0001", "Illegal character");
  }

  @Test
  void a_mark_of_spaces_that_is_no_character_is_an_error() throws IOException {
    // an empty one was found everywhere, for ever
    broken(
        "{'decoder': {'type': 'Metaspace', 'replacement': ''},"
            + " 'model': {'type': 'Unigram', 'unk_id': 0, 'vocab': [['a', -1.5]]}}",
        "decoder.replacement",
        "one character");
  }

  @Test
  void malformed_utf8_is_an_error() throws IOException {
    Path file = directory.resolve("tokenizer.json");
    Files.write(
        file,
        "{'model': {'vocab': {'\u00FF': 0}}}"
            .replace('\'', '"')
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThatIOException()
        .isThrownBy(() -> Tokenizers.load(directory))
        .withMessageContaining(file.toString())
        .withMessageContaining("UTF-8");
  }

  @Test
  void deep_nesting_is_refused() throws IOException {
    broken("{'x': " + "[".repeat(10_000), "nesting depth");
    broken("{'normalizer': " + "{'a':".repeat(10_000), "nesting depth");
  }

  @Test
  void long_strings_are_refused() throws IOException {
    broken("{'model': {'type': '" + "x".repeat(2_000_000) + "'}}", "exceeds the maximum");
    broken("{'model': {'vocab': {'" + "x".repeat(2_000_000) + "': 0}}}", "exceeds the maximum");
  }

  @Test
  void a_file_of_any_length_is_not_read_into_memory() throws IOException {
    Path file = directory.resolve("tokenizer.json");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatIOException()
        .isThrownBy(() -> Tokenizers.load(directory))
        .withMessageContaining(file.toString())
        .withMessageContaining("at most 67108864");
  }

  @Test
  void a_role_for_a_token_that_is_not_there_is_an_error() throws IOException {
    Tokenizers.learn("byte").save(directory);
    Path file = directory.resolve("tokenizer_config.json");
    Files.writeString(file, "{\"bos_token\":\n\"AB\"}");
    assertThatIOException()
        .isThrownBy(() -> Tokenizers.load(directory))
        .withMessageContaining(file.toString())
        .withMessageContaining("bos_token: \"AB\" is not a special token");
  }

  @Test
  void a_missing_file_is_named() {
    Path nowhere = directory.resolve("nowhere");
    assertThatIOException()
        .isThrownBy(() -> new CharacterProvider().load(nowhere, null))
        .withMessageContaining(nowhere + " does not exist");
  }

  @Test
  void an_empty_token_has_no_bytes_and_is_in_no_text() throws IOException {
    Tokenizers.learn("byte").save(directory);
    Path file = directory.resolve("tokenizer.json");
    String intact = Files.readString(file);
    Files.writeString(file, intact.replace("\"\u0103\" : 3", "\"\" : 3"));
    Tokenizer tokenizer = Tokenizers.load(directory);
    assertThat(tokenizer.vocabulary().token(3)).isEmpty();
    assertThat(tokenizer.bytes(3)).isEmpty();
    assertThat(tokenizer.encode("a b")).containsExactly(97, 32, 98);
  }

  @Property(tries = 3000)
  void no_mutation_gives_anything_but_a_tokenizer_or_an_answer(@ForAll long seed)
      throws IOException {
    Path mutated = Files.createTempDirectory("mutated");
    Random random = new Random(seed);
    try {
      Map<String, byte[]> files = new TreeMap<>(INTACT.get(random.nextInt(INTACT.size())));
      String chosen = random.nextInt(4) == 0 ? "tokenizer_config.json" : "tokenizer.json";
      files.computeIfPresent(chosen, (name, bytes) -> mutate(bytes, random));
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(mutated.resolve(file.getKey()), file.getValue());
      }
      Tokenizer tokenizer = Tokenizers.load(mutated);
      for (int id = 0; id < tokenizer.vocabulary().size(); id++) {
        // A mutation may leave "" in the vocabulary, or an id that no token has.
        String token = tokenizer.vocabulary().token(id);
        boolean empty = token.isEmpty() || token.equals("<|unused_" + id + "|>");
        if (empty != (tokenizer.bytes(id).length == 0)) {
          fail("token " + id + " of seed " + seed);
        }
      }
      assertThat(tokenizer.encode("", SpecialTokens.all())).isEmpty();
    } catch (IOException | ProviderException e) {
      assertThat(e).hasMessageContaining(mutated.toString());
    } catch (RuntimeException e) {
      fail("seed " + seed, e);
    } finally {
      delete(mutated);
    }
  }

  private static List<Map<String, byte[]>> intact() {
    try {
      List<Map<String, byte[]>> all = new ArrayList<>();
      for (String spec :
          List.of("byte", "character", "character(unknown=unk)", "character(unknown=skip)")) {
        Path saved = Files.createTempDirectory("intact");
        Tokenizers.learn(spec, "ab\u00E9\uD83D\uDE42").save(saved);
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
          files.put(name, Files.readAllBytes(saved.resolve(name)));
        }
        all.add(files);
        delete(saved);
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve("tokenizer.json"));
    Files.deleteIfExists(directory.resolve("tokenizer_config.json"));
    Files.delete(directory);
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    String[] pieces =
        ("{ } [ ] , : \" null true -1 1e999 \\u \\ud800 \u0000 \"a\" 0 9999999999 \"vocab\": [["
                + " \"model\"")
            .split(" ", -1);
    byte[] result = bytes.clone();
    for (int times = 1 + random.nextInt(3); times > 0 && result.length > 0; times--) {
      int at = random.nextInt(result.length);
      int length = random.nextInt(1 + Math.min(40, result.length - at));
      result =
          switch (random.nextInt(5)) {
            case 0 -> spliced(result, at, result.length, new byte[0]);
            case 1 -> spliced(result, at, at + 1, new byte[] {(byte) random.nextInt()});
            case 2 -> spliced(result, at, at + length, new byte[0]);
            case 3 ->
                spliced(result, at, at, java.util.Arrays.copyOfRange(result, at, at + length));
            default ->
                spliced(
                    result,
                    at,
                    at + random.nextInt(2),
                    pieces[random.nextInt(pieces.length)].getBytes(StandardCharsets.UTF_8));
          };
    }
    return result;
  }

  /** The bytes with those in [from, to) replaced. */
  private static byte[] spliced(byte[] bytes, int from, int to, byte[] by) {
    byte[] result = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(by, 0, result, from, by.length);
    System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
    return result;
  }
}
