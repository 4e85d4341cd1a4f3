import { useCallback, useEffect, useState, type ReactNode } from 'react';

interface Toast {
  readonly id: number;
  readonly text: string;
}

const shownForMs = 10_000;

const ToastView = ({
  toast,
  onClose,
}: {
  readonly toast: Toast;
  readonly onClose: (id: number) => void;
}): ReactNode => {
  useEffect(() => {
    const timer = setTimeout(() => onClose(toast.id), shownForMs);
    return () => clearTimeout(timer);
  }, [toast.id, onClose]);
  return (
    <div className="toast">
      <span>{toast.text}</span>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => onClose(toast.id)}>
        ✕
      </button>
    </div>
  );
};

interface Toasts {
  readonly say: (text: string) => void;
  readonly view: ReactNode;
}

/** Short notes about what went wrong; read out by screen readers, gone by themselves. */
export const useToasts = (): Toasts => {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const say = useCallback((text: string): void => {
    setToasts((shown) => [...shown, { id: (shown.at(-1)?.id ?? 0) + 1, text }].slice(-4));
  }, []);
  const close = useCallback((id: number): void => setToasts((shown) => shown.filter((one) => one.id !== id)), []);
  const view = (
    <div className="toasts" role="alert">
      {toasts.map((toast) => (
        <ToastView key={toast.id} toast={toast} onClose={close} />
      ))}
    </div>
  );
  return { say, view };
};
