// Fetches a file and starts the modules in it, which lie one behind the other. A second call fetches nothing.
function loadFile(url, lengths) {
    return makeLoad(() => {
        const file = fetch(url).then((response) => {
            if (!response.ok) throw new Error(`${url}: ${response.status}`);
            return response.arrayBuffer();
        });
        // A failure is reported where the file is waited for.
        file.catch(() => {});
        return async (imports) => {
            const bytes = await file;
            let end = 0;
            const modules = lengths.map((length) => bytes.slice(end, (end += length)));
            await Promise.all(modules.map((module) => WebAssembly.instantiate(module, imports)));
        };
    }, []);
}
function loadPart(files) {
    return wrapAsyncCb(makeLoad(() => async () => {}, files));
}
