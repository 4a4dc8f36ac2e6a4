// What this browser keeps: in memory until it may be stored, then in localStorage, where all tabs of the shop share it.
// Every value has an entry of its own: no tab overwrites what another one added.
const PREFIX = "kembali.";

export const makeStore = () => {
  let memory = {};
  let isOpen = false;

  // Storage may be full, or closed to us altogether: then memory has to do.
  const disk = (use) => {
    try {
      return use(localStorage);
    } catch {
      return null;
    }
  };

  const store = {
    open() {
      isOpen = true;
      for (const name in memory) store.set(name, memory[name]);
    },
    get: (name) => memory[name] ?? disk((kept) => kept.getItem(PREFIX + name)),
    set(name, value) {
      memory[name] = value;
      disk((kept) => {
        if (!isOpen) return;
        kept.setItem(PREFIX + name, value);
        delete memory[name];
      });
    },
    remove(name) {
      delete memory[name];
      disk((kept) => kept.removeItem(PREFIX + name));
    },
    names: (prefix) =>
      [...(disk(Object.keys) ?? []).filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)), ...Object.keys(memory)]
        .filter((name) => name.startsWith(prefix))
        .sort(),
    forget() {
      isOpen = false;
      store.names("").forEach(store.remove);
    },
  };
  return store;
};
