/** Answers, streamed or complete. */
@NullMarked
package io.fundamentallm.webservice.answer;

import org.jspecify.annotations.NullMarked;
