/** Serves one model over HTTP, with the interface of OpenAI. */
@NullMarked
package io.fundamentallm.webservice;

import org.jspecify.annotations.NullMarked;
