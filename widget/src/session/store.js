/**
 * Keeps the widget's few records in the browser, and nothing before the visitor opens the chat.
 *
 * Until `activate()` is called, and wherever the browser refuses storage (private windows, full
 * quota), records live in memory: the chat works, and only a reload forgets.
 */
export class Store {
  #prefix;
  #area;
  #isActive = false;
  /** @type {Map<string, string>} */
  #memory = new Map();

  /**
   * @param {string} name tells one desk's records from another's on the same site.
   * @param {Storage | null} area
   */
  constructor(name, area) {
    this.#prefix = `support-chat:${name}:`;
    this.#area = area;
  }

  /** Allows writing: the visitor has opened the chat. */
  activate() {
    this.#isActive = true;
  }

  /**
   * @param {string} key
   * @returns {any} the stored value, or null when there is none or it cannot be read.
   */
  get(key) {
    const text = this.#memory.get(key) ?? this.#read(key);
    try {
      return text === null ? null : JSON.parse(text);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value anything JSON can carry.
   */
  set(key, value) {
    const text = JSON.stringify(value);
    if (this.#isActive && this.#write(key, text)) this.#memory.delete(key);
    else this.#memory.set(key, text);
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    try {
      this.#area?.removeItem(this.#prefix + key);
    } catch {
      // Storage that cannot be reached holds nothing of ours.
    }
  }

  /**
   * @param {string} start
   * @returns {string[]} the keys that begin so.
   */
  keys(start) {
    const found = new Set([...this.#memory.keys()].filter((key) => key.startsWith(start)));
    try {
      for (let index = 0; index < (this.#area?.length ?? 0); index += 1) {
        const key = this.#area?.key(index) ?? "";
        if (key.startsWith(this.#prefix + start)) found.add(key.slice(this.#prefix.length));
      }
    } catch {
      // As above.
    }
    return [...found];
  }

  /** Forgets every record, for a computer that others use. */
  clear() {
    for (const key of this.keys("")) this.remove(key);
  }

  /**
   * Tells of records that another tab changed.
   *
   * @param {(key: string, isRemoved: boolean) => void} listener
   * @param {AbortSignal} signal
   */
  onChangeElsewhere(listener, signal) {
    globalThis.addEventListener?.("storage", (event) => {
      if (event.storageArea !== this.#area) return;
      if (event.key === null) listener("", true);
      else if (event.key.startsWith(this.#prefix)) listener(event.key.slice(this.#prefix.length), event.newValue === null);
    }, { signal });
  }

  /** @param {string} key */
  #read(key) {
    try {
      return this.#area?.getItem(this.#prefix + key) ?? null;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {string} text
   * @returns {boolean} whether it will survive a reload.
   */
  #write(key, text) {
    try {
      this.#area?.setItem(this.#prefix + key, text);
      return this.#area !== null;
    } catch {
      return false;
    }
  }
}

/**
 * Gives the browser's storage, or null where even looking at it is forbidden.
 *
 * @param {"localStorage" | "sessionStorage"} name
 * @returns {Storage | null}
 */
export function browserStorage(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null;
  }
}
