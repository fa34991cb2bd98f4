package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The members of the root between tags: texts as they are, anything else as JSON. What is JSON
 * never has the tag that ends it, so that no value can be taken for more of the call.
 *
 * @param tags as they are written
 * @param marker the expression of a tag
 * @param texts how texts are written
 */
record TaggedStyle(ArgumentTags tags, Function<String, Expression> marker, TextStyle texts)
    implements ValueStyle {
  /**
   * Whether a value may also be {@code True}, {@code False} or {@code None}. The templates that
   * write texts on lines of their own show earlier calls so, and models write what they were shown.
   */
  boolean hasPythonsWords() {
    return !tags.line().isEmpty();
  }

  /** An argument that is a text, given with what it may be. */
  Expression text(Expression name, Expression value) {
    return Expression.sequence(begin(name, tags.text()), value, marker.apply(tags.end()));
  }

  /** An argument that is JSON, given with what it may be. */
  Expression json(Expression name, Expression space, Expression value) {
    return Expression.sequence(
        begin(name, tags.json()), space, value, space, marker.apply(tags.end()));
  }

  private Expression begin(Expression name, String named) {
    Expression value =
        tags.value().isEmpty()
            ? Expression.EMPTY
            : Expression.sequence(
                Expression.optional(Expression.text("\n")), marker.apply(tags.value()));
    return Expression.sequence(marker.apply(tags.name()), name, marker.apply(named), value);
  }

  @Override
  public @Nullable TaggedStyle tags(boolean root) {
    return root ? this : null;
  }

  @Override
  public boolean isJson(boolean root) {
    return !root;
  }

  @Override
  public ImmutableRangeSet<Integer> escaped() {
    return JsonCharacters.ESCAPED.union(texts.refused());
  }

  @Override
  public Expression character() {
    return JsonCharacters.escapedCharacter(texts.refused());
  }

  @Override
  public Expression canonical(ImmutableRangeSet<Integer> set) {
    return JsonCharacters.canonicalCharacter(set, texts.refused());
  }

  /** Any string in JSON: the character that tags begin with, but not before a slash. */
  Expression anyJson() {
    Expression content = Expression.many(character());
    if (!texts.refused().isEmpty()) {
      Expression tag = Utf8.of(texts.refused());
      Expression other = JsonCharacters.escapedCharacter(texts.refused().union(Utf8.set('/')));
      content =
          Expression.sequence(
              Expression.many(
                  Expression.anyOf(
                      character(),
                      Expression.sequence(Expression.repeat(tag, 1, Expression.UNLIMITED), other))),
              Expression.many(tag));
    }
    return string(content);
  }

  @Override
  public Expression string(Expression content) {
    return Expression.sequence(Expression.text("\""), content, Expression.text("\""));
  }

  @Override
  public Expression text(String value) {
    return Expression.text(
        texts.hasEnd(value)
            ? JsonCharacters.canonical(value).replace("<", "\\u003c")
            : JsonCharacters.canonical(value));
  }

  /** At the root without quotes, and nothing that could be taken for what is behind a name. */
  @Override
  public Expression name(String name, boolean root) {
    if (!root) {
      return text(name);
    }
    return name.isBlank()
            || !name.equals(name.strip())
            || name.contains(tags.text())
            || name.contains(tags.json())
        ? new Expression.Never(
            "the property \"" + name + "\" cannot be written in the model's notation")
        : Expression.text(name);
  }

  @Override
  public Expression freeName(boolean root) {
    return PythonStyle.word();
  }

  @Override
  public String open(boolean root) {
    return root ? "" : "{";
  }

  @Override
  public String close(boolean root) {
    return root ? "" : "}";
  }
}
