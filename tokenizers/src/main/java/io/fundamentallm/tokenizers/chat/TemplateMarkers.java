package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.tokenizers.chat.TemplateToken.Kind;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tokens a chat template writes as markers. Its use makes such a token a control token, even
 * if its tokenizer's file calls it ordinary, as Qwen 3's calls {@code <think>} and DeepSeek's
 * {@code <｜User｜>}: what the template writes has authority that a message must not have.
 *
 * <p>A token is a marker if it looks like one, and the template writes it. It looks like one if it
 * begins and ends with a bracket or a bar, {@code <>[]{}|｜}, with a letter or digit between; so
 * white space and words are not markers, though every template writes them. The template writes
 * what is between its tags and in its strings, unless a string is only searched for ({@code 'x' in
 * content}, {@code content.split('x')}), compared, or an error's message; and what it assembles for
 * a short conversation, such as {@code '<|' + role + '|>'}. Comments do not count. Where {@code
 * <x>} is a marker, {@code </x>} is one too, and the other way around: a template that opens a
 * thought leaves it to the model to close it.
 */
public final class TemplateMarkers {
  private static final String FRAME = "<>[]{}|\uFF5C";

  /** Methods, tests and functions whose strings are searched for or reported, and never written. */
  private static final Set<String> SEARCHES =
      Set.of(
          "count",
          "endswith",
          "eq",
          "equalto",
          "find",
          "index",
          "lstrip",
          "ne",
          "partition",
          "raise_exception",
          "reject",
          "rejectattr",
          "removeprefix",
          "removesuffix",
          "rfind",
          "rpartition",
          "rsplit",
          "rstrip",
          "select",
          "selectattr",
          "split",
          "startswith",
          "strftime_now",
          "strip",
          "trim");

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  /** Enough for a few messages in any published template. */
  private static final long TRIAL = 1L << 20;

  private TemplateMarkers() {}

  /**
   * The tokens that a template writes as markers.
   *
   * @param variables the special tokens by their names, as {@link JinjaChatTemplate} takes them
   * @param tokens the written forms of those that may be markers
   */
  public static Set<String> among(
      Collection<String> tokens, String template, Map<String, String> variables) {
    List<String> candidates = tokens.stream().filter(TemplateMarkers::looksLikeMarker).toList();
    if (candidates.isEmpty()) {
      return Set.of();
    }
    List<String> written = new ArrayList<>();
    try {
      addStrings(Lexer.tokens(template), written);
    } catch (TemplateException e) {
      written.add(template); // nobody can say what it would write
    }
    addTrials(new JinjaChatTemplate(template, variables), written);
    Set<String> markers = new HashSet<>();
    for (String candidate : candidates) {
      if (written.stream().anyMatch(text -> text.contains(candidate))) {
        markers.add(candidate);
      }
    }
    Set<String> all = new HashSet<>(markers);
    candidates.stream().filter(token -> markers.contains(counterpart(token))).forEach(all::add);
    return all;
  }

  private static boolean looksLikeMarker(String token) {
    int last = token.length() - 1;
    return last >= 2
        && FRAME.indexOf(token.charAt(0)) >= 0
        && FRAME.indexOf(token.charAt(last)) >= 0
        && token.codePoints().anyMatch(Character::isLetterOrDigit);
  }

  /** {@code </x>} for {@code <x>}, and {@code <x>} for {@code </x>}. */
  private static String counterpart(String token) {
    return token.charAt(1) == '/'
        ? token.charAt(0) + token.substring(2)
        : token.charAt(0) + "/" + token.substring(1);
  }

  private static void addStrings(List<TemplateToken> tokens, List<String> written) {
    Deque<Boolean> searching = new ArrayDeque<>(List.of(false));
    for (int i = 0; i < tokens.size(); i++) {
      TemplateToken token = tokens.get(i);
      if (token.kind() == Kind.DATA) {
        written.add(token.value());
      } else if (token.kind() == Kind.STRING) {
        int begin = i;
        StringBuilder text = new StringBuilder(token.value());
        while (tokens.get(i + 1).kind() == Kind.STRING) { // the last token is the end
          text.append(tokens.get(++i).value());
        }
        if (!searching.getFirst() && !isComparisonOperand(tokens, begin, i)) {
          written.add(text.toString());
        }
      } else if (token.kind() == Kind.OPERATOR) {
        if ("([{".contains(token.value())) {
          searching.addFirst(searches(tokens.get(i - 1), searching.getFirst()));
        } else if (")]}".contains(token.value())) {
          searching.removeFirst();
        }
      }
    }
  }

  /** Whether the strings in a bracket are searched for, judging by what is before it. */
  private static boolean searches(TemplateToken before, boolean around) {
    if (before.is(Kind.NAME, "in")) {
      return true;
    }
    return before.kind() == Kind.NAME ? SEARCHES.contains(before.value()) : around;
  }

  private static boolean isComparisonOperand(List<TemplateToken> tokens, int begin, int end) {
    TemplateToken before = tokens.get(begin - 1); // at least the beginning of the tag
    TemplateToken after = tokens.get(end + 1);
    return compares(before)
        || compares(after)
        || (before.is(Kind.OPERATOR, "[")
            && after.is(Kind.OPERATOR, "]")
            && isValue(tokens, begin));
  }

  private static boolean compares(TemplateToken token) {
    return token.is(Kind.NAME, "in")
        || token.is(Kind.NAME, "not")
        || (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.value()));
  }

  /** Whether the value before the bracket before a string has an item of that name. */
  private static boolean isValue(List<TemplateToken> tokens, int begin) {
    TemplateToken value = tokens.get(begin - 2);
    return value.kind() == Kind.NAME
        || value.kind() == Kind.STRING
        || value.is(Kind.OPERATOR, "]")
        || value.is(Kind.OPERATOR, ")");
  }

  /** What the template writes in typical conversations. */
  private static void addTrials(JinjaChatTemplate template, List<String> written) {
    ChatMessage user = ChatMessage.user("a");
    ChatMessage assistant = ChatMessage.assistant("b");
    ChatMessage tool = new ChatMessage("tool", "c");
    for (List<ChatMessage> messages :
        List.of(
            List.of(user),
            List.of(user, assistant, user),
            List.of(ChatMessage.system("d"), user, assistant, user, assistant),
            List.of(user, assistant, tool, assistant, user))) {
      try {
        for (ChatSegment segment : template.segments(messages, true, TRIAL)) {
          if (!segment.fromMessage()) {
            written.add(segment.text());
          }
        }
      } catch (IllegalArgumentException e) {
        // a template that refuses this conversation may accept the next
      }
    }
  }
}
